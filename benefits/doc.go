// Package benefits decides and pays what members are entitled to (社会保险待遇). An Office carries a pension from the claim to the bank and back:
//
//	Claim → Determine → Approve → PaymentRun → ApproveRun → PaymentFile → PostRun → Return, Reissue
//	death: StopDead → recovery case → AgreeRecovery, Recover; PayHeirs
//
// Steps that must be different persons' are refused to the same one. Each command takes an Order with an idempotency key, finds all faults before it writes,
// and writes its rows, its sheet and its act or entries in one transaction; asked again, it is answered with what became of it. Commands take one row or many
// thousands and read in sets.
//
// Whether a member may draw a pension is package benefits/eligibility, how much it is package benefits/pension; smaller allowances are computed here.
package benefits
