package xray

import (
	"strings"
	"testing"
)

func TestPlaceOf(t *testing.T) {
	for _, test := range []struct{ dsn, place, host string }{
		{"postgres://app:secret@db:5432/orders?sslmode=disable&password=secret", "postgres://app@db:5432/orders?sslmode=disable", "db"},
		{"app:secret@tcp(db:3306)/orders", "", ""},
		{"app:secret@db:3306/orders", "app@db:3306/orders", "db"},
		{"app/secret@db:1521/orders", "app@db:1521/orders", "db"},
		{"host=db password=secret", "", ""},
		{"mysql://db/orders?X-Amz-Security-Token=secret", "mysql://db/orders", ""},
	} {
		place, host := placeOf(test.dsn)
		if place != test.place || host != test.host {
			t.Errorf("%s: %q at %q, want %q at %q", test.dsn, place, host, test.place, test.host)
		}
	}
}

func TestWithoutPasswords(t *testing.T) {
	for _, test := range []struct{ dsn, want string }{
		{"host=db user=app password=secret dbname=orders", "host=db user=app dbname=orders"},
		{"server=db;pwd={se;cret};database=orders", "server=db;database=orders"},
		{"host=db password='se cret' sslmode=on", "host=db sslmode=on"},
		{"app:secret@tcp(db:3306)/orders", "app@tcp(db:3306)/orders"},
		{"/var/db.sqlite", "/var/db.sqlite"},
	} {
		if got := withoutPasswords(test.dsn); got != test.want {
			t.Errorf("%s: %q, want %q", test.dsn, got, test.want)
		}
	}
}

// FuzzDSN reads anything, and a password in every form of DSN that has a place for
// one.
func FuzzDSN(f *testing.F) {
	f.Add("postgres://app:secret@db:5432/orders")
	f.Add("server=db;pwd={a}}b;=;")
	f.Add("hUnTeR2!")
	f.Fuzz(func(t *testing.T, s string) {
		placeOf(s)
		withoutPasswords(s)
		if len(s) < 6 || strings.ContainsFunc(s, func(r rune) bool {
			return r <= ' ' || r >= 0x7f || strings.ContainsRune("'\"{}@/:\\?#%;=&+[]^`<>|", r)
		}) || strings.Contains("postgres://app@db:5432/orders host=db dbname=orders server=db", s) {
			return // not a password as one writes it without quotes
		}
		for _, dsn := range []string{
			"postgres://app:" + s + "@db:5432/orders",
			"postgres://db:5432/orders?password=" + s,
			"app:" + s + "@tcp(db:3306)/orders",
			"app/" + s + "@db:1521/orders",
			"host=db password=" + s + " dbname=orders",
			"host=db PASSWORD='" + s + "' dbname=orders",
			"server=db;pwd={" + s + "};database=orders",
		} {
			place, _ := placeOf(dsn)
			if place == "" {
				place = withoutPasswords(dsn)
			}
			if strings.Contains(place, s) {
				t.Errorf("%q: %q has the password", dsn, place)
			}
		}
	})
}
