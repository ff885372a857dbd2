package insurance_test

import "testing"

func TestC03HitsAnAmountThatIsNotBaseTimesRate(t *testing.T) {
	r := kept()
	r.Assessed[1].PersonDue = 56_001 // 7,000.01 × 8 % = 560.0008
	wantHit(t, runRule(t, "C03", r.Sources()), 1, "member 2, 2025-01: person's part is 560.01 CNY; 7,000.01 CNY × 0.08 = 560.0008", ": 560.00 CNY, a difference of 0.01 CNY (2024 年参数)")
	r = kept()
	r.Assessed[0].EmployerDue = 140_000 // at the old 20 %
	wantHit(t, runRule(t, "C03", r.Sources()), 28_000, "employer's part is 1,400.00 CNY; 7,000.00 CNY × 0.16 = 1120")
}

func TestC03TakesTheTermsOfTheWageMonth(t *testing.T) {
	r := kept()
	older := r.Terms[0]
	older.From, older.To, older.EmployerRate = 202401, 202501, older.EmployerRate.Add(older.PersonRate)
	r.Terms[0].From = 202502
	r.Terms = append(r.Terms, older)
	run := runRule(t, "C03", r.Sources())
	if len(run.Findings) != 2 || run.Findings[0].AtRisk.Amount != 56_000 {
		t.Errorf("%d findings", len(run.Findings))
	}
}

func TestC03LetsRightAmountsPass(t *testing.T) {
	wantClean(t, runRule(t, "C03", kept().Sources()))
}
