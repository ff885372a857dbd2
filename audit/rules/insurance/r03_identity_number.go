package insurance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/registration/identity"
)

// R03IdentityNumber finds persons whose identity number is wrong, or does not agree with the birth and sex recorded.
func R03IdentityNumber() audit.Rule {
	return audit.Rule{
		ID: "R03", Version: 1, Kind: audit.Exact, Severity: audit.Medium,
		Title: audit.Text{ZH: "身份号码错误或与登记信息不符", EN: "Identity number wrong, or not in agreement with the record"},
		Why: audit.Text{
			ZH: "错误的身份号码使人员无法核对，也是虚假参保和伪造材料的常见痕迹；出生日期决定退休年龄。",
			EN: "A person with a wrong number cannot be checked against other lists, and it is a common trace of invented persons and forged files; the day of birth decides the age of retirement.",
		},
		How: audit.Text{
			ZH: "重新计算身份号码的校验位并核对长度、字符与日期，比较号码中的出生日期和性别与登记信息；系统自身的标记一并列出。报告不显示号码。",
			EN: "Length, characters, day and check character of the number are computed again, and its birth and sex are compared with the record; the system's own marks are listed too. No number is shown.",
		},
		Do: audit.Text{
			ZH: "与本人档案和公安人口信息核对后更正；出生日期不一致的，按规定认定，并核查已核定的待遇。",
			EN: "Check against the person's file and the population register and correct it; where the birth differs, have it established and review benefits already awarded.",
		},
		Basis: []string{"GB 11643", "SIL 第五十八条"},
		Reads: []audit.Declared{audit.PeopleSource},
		Check: checkIdentityNumber,
	}
}

func checkIdentityNumber(_ context.Context, t *audit.Task) error {
	source, _ := audit.PeopleSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		for p, err := range source.People(ctx) {
			if err != nil {
				return err
			}
			t.Examined(persons, 1)
			if p.Number.IsZero() {
				t.Note(audit.Text{ZH: "部分人员没有提供身份号码，只能依据系统标记判断", EN: "some persons came without an identity number and were judged by the system's marks alone"})
			}
			if faults := identityFaults(&p); len(faults) > 0 {
				reportIdentity(t, &p, faults)
			}
		}
		return nil
	})
	return nil
}

// identityFaults says what is wrong without showing anything of the number: a day of birth would be half of it.
func identityFaults(p *audit.Person) []audit.Text {
	var faults []audit.Text
	add := func(fault audit.Text) { faults = append(faults, fault) }
	switch n := p.Number; {
	case n.IsZero():
		if p.Invalid {
			add(audit.Text{ZH: "系统标记身份号码错误", EN: "the system marks the number as wrong"})
		}
		if p.Mismatched {
			add(audit.Text{ZH: "系统标记出生日期或性别与身份号码不符", EN: "the system marks birth or sex as other than those of the number"})
		}
	case !n.Valid():
		add(numberFault(n))
		if !p.Invalid {
			add(audit.Text{ZH: "系统未作标记", EN: "the system has not marked it"})
		}
	default:
		if days := n.Birth(); days != p.Birth {
			add(birthFault(p))
		}
		if n.Sex() != p.Sex {
			add(both("登记性别（%v）与号码中的性别（%v）不同", "the recorded sex (%v) is not that of the number (%v)", p.Sex, n.Sex()))
		}
		if len(faults) > 0 && !p.Mismatched {
			add(audit.Text{ZH: "系统未作标记", EN: "the system has not marked it"})
		}
	}
	return faults
}

func numberFault(n identity.Number) audit.Text {
	wrong, ok := errors.AsType[*identity.Error](n.Check())
	if !ok {
		return audit.Text{ZH: "号码错误", EN: "the number is wrong"}
	}
	switch wrong.Code {
	case identity.ErrCheck:
		return audit.Text{ZH: "校验位与其余各位算出的不符", EN: "its check character is not the one that the others give"}
	case identity.ErrOldForm:
		return audit.Text{ZH: "仍为15位旧号码", EN: "it is still one of 15 digits"}
	case identity.ErrLength:
		return audit.Text{ZH: "长度不是18位", EN: "it does not have 18 characters"}
	case identity.ErrBirth:
		return audit.Text{ZH: "第7至14位不是日期", EN: "positions 7 to 14 are no day"}
	case identity.ErrCharacter:
		return both("第%d位字符错误", "the character at position %d cannot stand there", wrong.Position)
	default:
		return both("号码错误（%s）", "the number is wrong (%s)", string(wrong.Code))
	}
}

func birthFault(p *audit.Person) audit.Text {
	if !p.Birth.Valid() {
		return audit.Text{ZH: "登记的出生日期缺失或不是日期", EN: "the recorded birth is missing or no day"}
	}
	return both("登记的出生日期与号码中的相差 %d 天", "the recorded birth differs from that of the number by %d days", max(p.Birth.Sub(p.Number.Birth()), p.Number.Birth().Sub(p.Birth)))
}

func reportIdentity(t *audit.Task, p *audit.Person, faults []audit.Text) {
	zh, en := make([]string, len(faults)), make([]string, len(faults))
	for i, fault := range faults {
		zh[i], en[i] = fault.ZH, fault.EN
	}
	evidence := p.Evidence("registration")
	if p.Identity != "" {
		evidence.Source = "pseudonym " + p.Identity
	}
	t.Report(audit.Finding{
		Book: audit.BookRef(p.Book), Subjects: about(byMember, p.No), Evidence: []audit.Evidence{evidence},
		Text: audit.Text{ZH: fmt.Sprintf("个人编号 %s：%s", p.No, strings.Join(zh, "；")), EN: fmt.Sprintf("member %s: %s", p.No, strings.Join(en, "; "))},
	})
}
