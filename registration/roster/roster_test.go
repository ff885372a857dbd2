package roster_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/roster"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Numbers and codes of nobody; see registrationtest.
var (
	source = registrationtest.New(21)
	first  = source.Member()
	second = source.Member()
	firm   = source.Employer()
)

func TestAFileOfMembersIsRead(t *testing.T) {
	text := "name,identity_number,sex,class,first_work,birth\r\n" +
		"\"Synthetic, One\"," + first.Number.Reveal() + "," + first.Sex.String() + "," + string(first.Class) + "," + first.FirstWork.String() + "," + first.Birth.String() + "\r\n" +
		"参保人," + second.Number.Reveal() + ",,,,\r\n"
	for name, input := range map[string]string{"plain": text, "with a byte-order mark": "\xef\xbb\xbf" + text} {
		file, err := roster.ReadMembers(strings.NewReader(input), "members.csv", roster.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		want := first
		want.Name = "Synthetic, One"
		if len(file.Rows) != 2 || file.Rows[0] != want || file.Rows[1] != (registration.MemberSpec{Number: second.Number,
			Name: "参保人"}) || file.Line(2) != 3 || file.Line(3) != 0 {
			t.Errorf("%s: %+v", name, file)
		}
	}
}

func TestAFileOfEmployersIsRead(t *testing.T) {
	input := "credit_code,name,agency,industry,address,contact,founded\n" +
		fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s\n", firm.Code, firm.Name, firm.Agency, firm.Industry, firm.Address, firm.Contact, firm.Founded)
	file, err := roster.ReadEmployers(strings.NewReader(input), "employers.csv", roster.Options{})
	if err != nil || len(file.Rows) != 1 || file.Rows[0] != firm {
		t.Errorf("%+v %v", file, err)
	}
}

func TestAFileOfEnrolmentsIsRead(t *testing.T) {
	input := "identity_number,scheme,from,credit_code,hired,counterpart,reason\n" +
		first.Number.Reveal() + ",enterprise_pension,2026-01," + string(firm.Code) + ",2026-01-05,590001,new\n" + second.Number.Reveal() + ",resident_pension,2026-02,,,,\n"
	file, err := roster.ReadEnrolments(strings.NewReader(input), "enrolments.csv", roster.Options{})
	want := []registration.Change{
		{Number: first.Number, Scheme: registration.EnterprisePension, From: 202601, Code: firm.Code, Hired: 20260105, Counterpart: "590001", Reason: "new"},
		{Number: second.Number, Scheme: registration.ResidentPension, From: 202602},
	}
	if err != nil || !slices.Equal(file.Rows, want) {
		t.Errorf("%+v %v", file, err)
	}
}

func TestEveryFaultOfAFileIsReportedWithItsPlace(t *testing.T) {
	bad := []byte(first.Number.Reveal())
	bad[16] ^= 1
	input := "name,identity_number,birth,sex,class\n" +
		"," + first.Number.Reveal() + ",1990-02-30,x,M55\n" +
		"甲," + string(bad) + ",,,\n" +
		"乙,110105491231002,,,\n" +
		"丙,1.10105E+17,,,\n" +
		"丁," + second.Number.Reveal() + " ,,,\n" +
		"戊," + second.Number.Reveal() + "\n"
	_, err := roster.ReadMembers(strings.NewReader(input), "m.csv", roster.Options{})
	want := []struct {
		code  registration.Code
		place string
		says  string
	}{
		{registration.ErrMissing, "m.csv:2:1, name", "is empty"},
		{registration.ErrInvalid, "m.csv:2:21, birth", "is no day"},
		{registration.ErrInvalid, "m.csv:2:32, sex", `"x" is no sex`},
		{registration.ErrInvalid, "m.csv:2:34, class", `"M55" is no class`},
		{registration.ErrIdentityInvalid, "m.csv:3:3, identity_number", "position 18: the check character is"},
		{registration.ErrIdentityInvalid, "m.csv:4:3, identity_number", "15 digits"},
		{registration.ErrIdentityInvalid, "m.csv:5:3, identity_number", "format the column as text"},
		{registration.ErrInvalid, "m.csv:6:3, identity_number", "ends with a blank"},
		{registration.ErrSyntax, "m.csv:7:1", "2 fields, the header has 5"},
	}
	var faults *registration.Faults
	if !errors.As(err, &faults) || len(faults.List) != len(want) {
		t.Fatalf("%v", err)
	}
	for i, fault := range faults.List {
		if fault.Code != want[i].code || !strings.HasPrefix(fault.Error(), "registration: "+want[i].place+": ") || !strings.Contains(fault.Error(),
			want[i].says) {
			t.Errorf("fault %d: %v, want %s at %s", i+1, fault, want[i].code, want[i].place)
		}
	}
	for _, number := range []string{first.Number.Reveal(), second.Number.Reveal(), string(bad)} {
		if strings.Contains(err.Error(), number) {
			t.Errorf("an error repeats an identity number: %v", err)
		}
	}
	if _, ok := errors.AsType[*identity.Error](err); !ok {
		t.Error("the cause of a bad number is lost")
	}
}

func TestAHeaderIsTakenLiterally(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "the file is empty",
		"identity_number\n":               "m.csv:1:1, name: is missing",
		"identity_number,name,name\n":     "m.csv:1:22, name: stands twice",
		"identity_number,name,Birth\n":    "m.csv:1:22, Birth: is no column",
		"identity_number, name\n":         "is no column",
		"身份证号,姓名\n":                       "m.csv:1:6, 姓名: is no column",
		"identity_number,name\n":          "there are none below the header",
		"identity_number;name\n":          "is no column",
		"identity_number,name,birth,age,": "is no column",
	} {
		_, err := roster.ReadMembers(strings.NewReader(header), "m.csv", roster.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestAFileThatIsNotUTF8SaysWhatToDo(t *testing.T) {
	text := "identity_number,name\n" + first.Number.Reveal() + ",参保人\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("identity_number")
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{
		gbk:                    "m.csv:2:20: byte 0xb2 is not UTF-8; the file may be GBK",
		little:                 "the file is UTF-16",
		plain:                  "m.csv:1:2: a NUL character",
		text[:40] + "\x00more": "a NUL character",
		"\xff":                 "m.csv:1:1: byte 0xff is not UTF-8",
	} {
		_, err := roster.ReadMembers(strings.NewReader(input), "m.csv", roster.Options{})
		if !errors.Is(err, registration.ErrEncoding) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", input[:min(len(input), 40)], err)
		}
	}
}

func TestBrokenQuotesEndTheReadingWithTheirPlace(t *testing.T) {
	for input, want := range map[string]string{
		"identity_number,name\nx,\"y\nz\n":  "m.csv:3:",
		"identity_number,name\nx,a\"b\n":    "m.csv:2:",
		"identity_number,name\nx,\"a\"b\n":  "m.csv:2:",
		"\"identity_number":                 "m.csv:1:",
		"identity_number,name\n1,\"a\n\nb,": "m.csv:4:",
	} {
		_, err := roster.ReadMembers(strings.NewReader(input), "m.csv", roster.Options{})
		if !errors.Is(err, registration.ErrSyntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", input, err)
		}
	}
}

func TestALargeFileAndABrokenOneAreErrors(t *testing.T) {
	_, err := roster.ReadMembers(strings.NewReader("identity_number,name\n"), "m.csv", roster.Options{MaxBytes: 10})
	if !errors.Is(err, registration.ErrTooLong) {
		t.Errorf("%v", err)
	}
	broken := errors.New("broken")
	if _, err := roster.ReadMembers(iotest.ErrReader(broken), "m.csv", roster.Options{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestBadNumbersAreReadWhereTheyAreAdmitted(t *testing.T) {
	options := roster.Options{Admit: registration.FlagIdentityInvalid | registration.FlagCreditCodeInvalid}
	file, err := roster.ReadMembers(strings.NewReader("identity_number,name\n110105491231002,甲\n"), "m.csv", options)
	if err != nil || file.Rows[0].Number != identity.MustUnchecked("110105491231002") {
		t.Errorf("%v %v", file, err)
	}
	if _, err := roster.ReadMembers(strings.NewReader("identity_number,name\n身份证,甲\n"), "m.csv", options); !errors.Is(err, identity.ErrUnchecked) {
		t.Errorf("%v", err)
	}
	employers, err := roster.ReadEmployers(strings.NewReader("credit_code,name\n440301103097413,甲\n"), "e.csv", options)
	if err != nil || employers.Rows[0].Code != "440301103097413" {
		t.Errorf("%v %v", employers, err)
	}
}

func TestWhatTheRegistryRefusesGetsItsPlaceInTheFile(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		registry, _ := registrationtest.Open(t, db, nil)
		input := "identity_number,name\n" + first.Number.Reveal() + ",\"two\nlines\"\n" + second.Number.Reveal() + ",甲\n" + second.Number.Reveal() + ",乙\n"
		file, err := roster.ReadMembers(strings.NewReader(input), "m.csv", roster.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = registry.RegisterMembers(t.Context(), registrationtest.Order("m", calendar.MustDate(2026, 1, 5)), file.Rows...)
		if located := file.Locate(err); located != err {
			t.Error("another error came back")
		}
		for _, want := range []string{"m.csv:2, row 1, name: holds a control character",
			"m.csv:5, row 3, identity number: " + second.Number.String() + " stands in row 2 too"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if other := errors.New("other"); file.Locate(other) != other {
			t.Error("another error was changed")
		}
	})
}

func FuzzReadEnrolments(f *testing.F) {
	f.Add("identity_number,scheme,from\n" + first.Number.Reveal() + ",enterprise_pension,2026-01\n")
	f.Add("identity_number,scheme,from,credit_code\n\"1\n")
	f.Add("\xef\xbb\xbfidentity_number\n")
	f.Add("\xff\xfe")
	f.Add("identity_number,scheme,from\r\n,,\r\n\r\n")
	f.Fuzz(func(t *testing.T, input string) {
		file, err := roster.ReadEnrolments(strings.NewReader(input), "f.csv", roster.Options{})
		if err == nil {
			for i, row := range file.Rows {
				if row.Number.Check() != nil || !row.From.Valid() || row.Scheme == "" || file.Line(i+1) < 2 {
					t.Fatalf("%q gave %+v", input, row)
				}
			}
			return
		}
		var faults *registration.Faults
		if file != nil || !errors.As(err, &faults) || len(faults.List) == 0 {
			t.Fatalf("%q: %v", input, err)
		}
		for _, fault := range faults.List {
			if fault.File != "f.csv" || fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("%q: no place in %v", input, fault)
			}
		}
	})
}
