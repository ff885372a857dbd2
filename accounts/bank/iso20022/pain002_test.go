package iso20022_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/google/go-cmp/cmp"
)

func report(t testing.TB, content string) *iso20022.StatusReport {
	t.Helper()
	r, err := iso20022.ReadStatusReport(t.Context(), strings.NewReader(content), iso20022.Options{File: "a.xml"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheAnswerOfTheBankIsReadAtEveryLevel(t *testing.T) {
	r := report(t, string(fixture(t, "pain002.xml")))
	if r.Name != "pain.002.001.11" || r.ID != "ANSWER-0001" || r.OriginalID != "PAY-20260410-0001" || r.OriginalMessage != iso20022.PaymentMessage || r.Status != "PART" ||
		r.Stated.Count != 3 || r.Stated.Sum.String() != "13234.57" || len(r.Batches) != 2 {
		t.Errorf("%+v", r)
	}
	o := r.Batches[0].Orders[0]
	want := []iso20022.Reason{{Code: "AC04", Text: []string{"账户已销户", "请核对收款人账号"}}, {Code: "B017", Proprietary: true}}
	if diff := cmp.Diff(want, o.Reasons); diff != "" || o.Status.Outcome() != iso20022.Rejected || o.EndToEnd != "PEN-000001" || o.StatusID != "S-1" {
		t.Errorf("%+v %s", o, diff)
	}
	if o.Source.Path != "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts[1]/TxInfAndSts[1]" || o.Source.Line == 0 {
		t.Errorf("%+v", o.Source)
	}
	if diff := cmp.Diff([]iso20022.Unread{{Path: "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef", Count: 1, Line: 37}}, r.Unread); diff != "" {
		t.Error(diff)
	}
}

func TestOlderAnswersAndNationalNamespacesReadAlike(t *testing.T) {
	want := report(t, string(fixture(t, "pain002.xml")))
	for _, namespace := range []string{"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03", "http://www.example.org/pain.002.001.03.xx.02.xsd", "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"} {
		got := report(t, strings.Replace(string(fixture(t, "pain002.xml")), "urn:iso:std:iso:20022:tech:xsd:pain.002.001.11", namespace, 1))
		got.Name = want.Name
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", namespace, diff)
		}
	}
}

func TestEveryOrderGetsTheMostExactAnswer(t *testing.T) {
	r := report(t, string(fixture(t, "pain002.xml")))
	statuses, found := r.Apply(payments())
	if len(found) > 0 {
		t.Error(found)
	}
	var got []string
	for _, s := range statuses {
		got = append(got, string(s.Outcome)+" "+string(s.Status)+" "+s.Level)
	}
	if diff := cmp.Diff([]string{"rejected RJCT order", "unknown  ", "settled ACSC batch"}, got); diff != "" {
		t.Error(diff)
	}
	rejected := report(t, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>PAY-20260410-0001</OrgnlMsgId>`+
		`<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM10</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>`)
	statuses, _ = rejected.Apply(payments())
	for _, s := range statuses {
		if s.Outcome != iso20022.Rejected || s.Level != "file" || s.Reasons[0].Code != "AM10" {
			t.Errorf("whole file rejected: %+v", s)
		}
	}
}

func TestAnAnswerByInstructionAloneFindsItsOrder(t *testing.T) {
	content := strings.Replace(string(fixture(t, "pain002.xml")), "<OrgnlEndToEndId>PEN-000001</OrgnlEndToEndId>", "", 1)
	statuses, found := report(t, content).Apply(payments())
	if len(found) > 0 || statuses[0].Outcome != iso20022.Rejected {
		t.Errorf("%+v %v", statuses, found)
	}
}

func TestAnAnswerToWhatWasNotSentIsADiscrepancy(t *testing.T) {
	content := string(fixture(t, "pain002.xml"))
	cases := []struct {
		name, old, with string
		code            bank.DiscrepancyCode
	}{
		{"another file", "PAY-20260410-0001", "PAY-20260410-0009", bank.UnknownOrder},
		{"another batch", "PAY-202604-01", "PAY-202604-09", bank.UnknownOrder},
		{"another order", "PEN-000001", "PEN-000009", bank.UnknownOrder},
		{"an order of another batch", "PEN-000001", "EXP-1", bank.UnknownOrder},
		{"another number of orders", "<OrgnlNbOfTxs>2", "<OrgnlNbOfTxs>3", bank.CountsDiffer},
		{"another sum", "12000.01", "12000.02", bank.SentDiffers},
	}
	for _, c := range cases {
		_, found := report(t, strings.Replace(content, c.old, c.with, 1)).Apply(payments())
		if len(found) != 1 || found[0].Code != c.code || found[0].Text == "" || found[0].Source.File != "a.xml" {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}

func TestOutcomesOfStatusCodes(t *testing.T) {
	for status, want := range map[iso20022.Status]iso20022.Outcome{"ACSC": iso20022.Settled, "ACCC": iso20022.Settled, "ACCP": iso20022.Accepted, "ACSP": iso20022.Accepted,
		"ACTC": iso20022.Accepted, "PDNG": iso20022.Pending, "RCVD": iso20022.Pending, "PART": iso20022.Partly, "RJCT": iso20022.Rejected, "CANC": iso20022.Rejected,
		"": iso20022.Unknown, "ZZZZ": iso20022.Unknown} {
		if got := status.Outcome(); got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
}

func TestABrokenAnswerIsRefused(t *testing.T) {
	content := string(fixture(t, "pain002.xml"))
	cases := []struct {
		name, content string
		code          bank.FaultCode
	}{
		{"statement", string(fixture(t, "camt053-v8.xml")), bank.FaultFormat},
		{"payment file", string(fixture(t, "pain001.xml")), bank.FaultFormat},
		{"cut", content[:900], bank.FaultTruncated},
		{"DOCTYPE", "<!DOCTYPE a>" + strings.SplitN(content, "\n", 2)[1], bank.FaultForbidden},
		{"no file named", strings.Replace(content, "OrgnlMsgId", "Other", 2), bank.FaultMissing},
		{"no order named", strings.NewReplacer("OrgnlEndToEndId", "Other", "OrgnlInstrId", "Other").Replace(content), bank.FaultMissing},
		{"two statuses", strings.Replace(content, "<TxSts>RJCT</TxSts>", "<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>", 1), bank.FaultRepeated},
		{"count with letters", strings.Replace(content, "<OrgnlNbOfTxs>3", "<OrgnlNbOfTxs>x", 1), bank.FaultValue},
		{"sum with letters", strings.Replace(content, "13234.57", "13234,57", 1), bank.FaultAmount},
	}
	for _, c := range cases {
		r, err := iso20022.ReadStatusReport(t.Context(), strings.NewReader(c.content), iso20022.Options{})
		if r != nil {
			t.Errorf("%s: was read", c.name)
		}
		wantFault(t, err, c.code)
	}
	_, err := iso20022.ReadStatusReport(t.Context(), strings.NewReader(content), iso20022.Options{Limits: iso20022.Limits{Entries: 1, Tokens: 30}})
	wantFault(t, err, bank.FaultLimit)
}

func TestChunksDoNotChangeTheAnswer(t *testing.T) {
	content := fixture(t, "pain002.xml")
	want := report(t, string(content))
	got, err := iso20022.ReadStatusReport(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), iso20022.Options{File: "a.xml"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
