package storetest

import (
	"testing"

	"github.com/lib/pq"
)

func TestKeywordsTurnAURLIntoKeysAndValues(t *testing.T) {
	cases := []struct{ dsn, want string }{
		{"", ""},
		{"host=x dbname=y", "host=x dbname=y"},
		{"postgres://u@h:5/d?sslmode=disable", "host='h' port='5' user='u' dbname='d' sslmode='disable'"},
		{`postgresql://u:p%27%5C%20w@h/d`, `host='h' user='u' password='p\'\\ w' dbname='d'`},
		{"postgres:///d?host=/run/pg", "dbname='d' host='/run/pg'"},
	}
	for _, c := range cases {
		got, err := keywords(c.dsn)
		if err != nil || got != c.want {
			t.Errorf("keywords(%q) = %q, %v, want %q", c.dsn, got, err, c.want)
		}
	}
	got, err := keywords(`postgresql://u:p%27%5C%20w@h/d`)
	if err != nil {
		t.Fatal(err)
	}
	config, err := pq.NewConfig(withDatabase(got, "other"))
	if err != nil || config.Password != `p'\ w` || config.Database != "other" || config.User != "u" {
		t.Errorf("the driver reads %+v, %v", config, err)
	}
	if _, err := keywords("postgres://h:port/"); err == nil {
		t.Error("a bad URL was taken")
	}
}
