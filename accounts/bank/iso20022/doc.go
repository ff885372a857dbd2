// Package iso20022 reads and writes the bank messages of ISO 20022 that a fund's treasury needs: camt.053 (statement) and camt.054 (notification) in,
// pain.001.001.09 (credit transfers) out, pain.002 (the bank's answer) in.
//
// The readers are tolerant in shape and strict in substance. One reader serves versions 02 to 08 of camt.053 and camt.054, chosen by the namespace (a
// national variant that keeps the message name in its namespace is read too); what the versions spell differently (Sts as text or as Sts/Cd, BIC or BICFI,
// Dbtr or Dbtr/Pty, amounts of details in Amt or AmtDtls/TxAmt) gives the same result. What the reader does not use is counted by element path and
// reported, never dropped in silence. Amounts go from text to minor units; no float exists here. Whatever would make a figure or date a guess is a
// bank.Fault with line and element path.
//
// XML is read token by token with limits on size, depth, tokens, text and attribute length and number of entries, so that memory stays flat and hostile
// input ends in a typed error. DOCTYPE is refused. UTF-8 is read as it is; GB18030, GBK, GB2312, ISO-8859-1, ISO-8859-15 and windows-1252 are converted
// when the XML declaration names them; UTF-16 and anything else is refused.
//
// Element names and orders follow the ISO 20022 message definitions (bank-to-customer cash management and payments initiation, iso20022.org).
package iso20022
