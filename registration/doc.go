// Package registration knows who is insured, in which scheme, by which employer, and since when (参保登记).
//
// A realm is a pooling area (统筹区). In it stand employers (参保单位), members (参保人) and the relations between them: a member's enrolment in a scheme
// (参保关系), by an employer or on his own. A relation is a timeline of spells (参保时段): active, suspended, terminated or void, month after month without
// a gap. Beside them stand the facts of a member's life that entitlement hangs on: death, retirement, deemed service.
//
// # Two times
//
// Every row says for which days or months it holds, and since which act it is known. Acts are the entries of the realm's register book, so what was known at
// a time is what was known after entry N. Nothing is changed: a correction adds rows and marks those it replaces, and a reader who asks for entry N gets
// what entry N left. Zero always asks for what is known now.
//
// # Acts
//
// Every command takes an Order: who, on whose approval, on what day, under what idempotency key. It finds all faults of all its rows before it writes
// anything, and then writes its rows, one sheet of what was ordered (package sheet), and one act in the register book whose source hash commits to the sheet,
// in one transaction. The same order again is answered with the receipt of the first; another order with its key is refused. Verify derives every row from
// the sealed sheets again.
//
// Commands take one row or a million; they read and write in sets, never member by member.
//
// # Persons
//
// Names and identity numbers stand in the table registration_identity alone. Acts and sheets hold internal numbers, pseudonyms and keyed hashes. Reads give
// no name and no number, but for Identities, which says so.
//
// # Layers
//
// Package identity reads numbers, package sheet seals rows, package scheme holds the law. Which schemes there are, and what each allows, is given by the host
// (Config.Schemes). Whether an employer may be struck off while it owes, and whether an actor may do what he asks, are the host's to say (Config.Obligations,
// Config.Allow), because the answers lie above this package.
package registration
