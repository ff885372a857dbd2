package insurance_test

import (
	"bytes"
	"testing"
)

func TestB04HitsAnAwardThatItsStoredInputsDoNotGive(t *testing.T) {
	r := kept()
	r.Awards[0].Determination = bytes.Replace(r.Awards[0].Determination, []byte(`"total":"3906.9"`), []byte(`"total":"4906.9"`), 1)
	r.Awards[0].Amount = 490_690
	wantHit(t, runRule(t, "B04", r.Sources()), 100_000, "award aw of member 2: 4,906.90 CNY a month, recomputed 3,906.90 CNY, a difference of 1,000.00 CNY; stored and recomputed differ: total 4906.9 ≠ 3906.9 (1,000.00 CNY)")
	r = kept()
	r.Awards[0].Amount++ // the determination is sound, the award is not what it says
	wantHit(t, runRule(t, "B04", r.Sources()), 1, "3,906.91 CNY a month, recomputed 3,906.90 CNY")
}

func TestB04HitsADeterminationThatCannotBeRead(t *testing.T) {
	r := kept()
	r.Awards[0].Determination = []byte("{}{")
	wantHit(t, runRule(t, "B04", r.Sources()), 390_690, "award aw of member 2 cannot be recomputed: ")
}

func TestB04LetsASoundDeterminationPassAndSaysWhatHasNone(t *testing.T) {
	r := kept()
	wantClean(t, runRule(t, "B04", r.Sources()))
	r.Awards[0].Determination = nil
	if run := runRule(t, "B04", r.Sources()); len(run.Outcomes[0].Notes) != 1 || len(run.Findings) != 0 {
		t.Errorf("%+v", run.Outcomes[0])
	}
}
