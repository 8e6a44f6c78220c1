package mapping

import (
	"strings"
	"testing"
)

func TestWithoutLiterals(t *testing.T) {
	for _, c := range []struct{ system, query, want string }{
		{"", "SELECT * FROM t1 WHERE a2 = b", "SELECT * FROM t1 WHERE a2 = b"},
		{"", "SELECT 1, 2.5, .5, 1e-3, 0xFF, 1_000 FROM t", "SELECT ? FROM t"},
		{"", "WHERE a = 'it''s' AND c=-5", "WHERE a = ? AND c=-?"},
		{"", "IN (1, 2 ,3) AND x IN ('a','b') OR y IN (7)", "IN (?) AND x IN (?) OR y IN (?)"},
		{"", "VALUES (1, 'a'), (2, 'b')", "VALUES (?), (?)"},
		{"", "VALUES (?, ?, ?), ($1, $2), (:a, @b, ?3, %s)", "VALUES (?, ?, ?), ($1, $2), (:a, @b, ?3, %s)"},
		{"", "VALUES (?, 'a', ?, 1)", "VALUES (?, ?, ?, ?)"},
		{"postgresql", `SELECT "Column 1" FROM "T" WHERE a = E'x\'y' AND b = $$secret$$ AND c = $tag$ it's $tag$ AND d = $1`, `SELECT "Column 1" FROM "T" WHERE a = ? AND b = ? AND c = ? AND d = $1`},
		{"postgresql", "SELECT ARRAY[1, 2] || '{3}'::int[]", "SELECT ARRAY[?] || ?::int[]"},
		{"mysql", "SELECT `col 1` FROM t WHERE a = \"secret\" # it's\n AND b = x'ff' AND c = _utf8'x'", "SELECT `col 1` FROM t WHERE a = ?   AND b = ? AND c = ?"},
		{"postgresql", `a = 'C:\' AND b = 'secret'`, `a = ? AND b = ?`},
		{"postgresql", `data #>> '{a}' = E'it\'s' AND b = 'x'`, `data #>> ? = ? AND b = ?`},
		{"mysql", `a = 'it\'s' AND b = "x\"y" AND c = 1`, `a = ? AND b = ? AND c = ?`},
		{"", `a = 'C:\' AND b = 'secret'`, `a = ?`},
		{"mssql", "SELECT [col 1] FROM [t] WHERE a = N'secret' AND b = @p1", "SELECT [col 1] FROM [t] WHERE a = ? AND b = @p1"},
		{"oracle", "SELECT q'[it's]', Q'{x}', nq'!y!' FROM dual WHERE a = :1", "SELECT ? FROM dual WHERE a = :1"},
		{"", "SELECT a -- it's a comment with 'secret'\nFROM t /* and 'another' */ WHERE b = 1", "SELECT a  FROM t   WHERE b = ?"},
		{"", "WHERE a = 'never closed", "WHERE a = ?"},
		{"", "WHERE a = 5-3 AND b = 1e+5", "WHERE a = ?-? AND b = ?"},
		{"", "WHERE a LIKE'%x%' AND date'2026-01-01' < b", "WHERE a LIKE? AND date? < b"},
		{"", "größe = 5 AND naïve1 = ü2", "größe = ? AND naïve1 = ü2"},
		{"", "", ""},
		{"", `SELECT "may be a string" FROM t`, `SELECT ? FROM t`},
		{"postgresql", "ARRAY[ 's3cret' ]", "ARRAY[ ? ]"},
		{"postgresql", `a LIKE 'x%' ESCAPE '\' AND b = 's3cret'`, `a LIKE ? ESCAPE ? AND b = ?`},
		{"postgresql", `a = 'O\'Brien' AND b = 's3cret'`, `a = ?`},
		{"postgresql", "SELECT pg$a$b$c FROM x /* a /* 'b' */ s3cret */ WHERE a = U&'x'", "SELECT pg$a$b$c FROM x   WHERE a = U&?"},
		{"oracle", "SELECT sid FROM v$session WHERE a = q'[never closed'", "SELECT sid FROM v$session WHERE a = ?"},
		{"oracle", "a = q'[]x]' AND b = q'!x!'", "a = ? AND b = ?"},
		{"mssql", "WHERE b = $12.50 AND c = $3 AND [it's 1] = 2", "WHERE b = ? AND c = ? AND [it's 1] = ?"},
		{"sqlite", "WHERE a = [it's] AND b = ?1 AND c = [x", "WHERE a = [it's] AND b = ?1 AND c = [x"},
		{"bigquery", `WHERE a = """it"s s3cret""" AND b = '''it's''' AND c = r"x" # s3cret`, `WHERE a = ? AND b = ? AND c = r?  `},
		{"", "SELECT t.", "SELECT t."},
		{"", "Z1 = 5 AND aZ2 = nÀ1", "Z1 = ? AND aZ2 = nÀ1"},
		{"", "SELECT a /* s3cret", "SELECT a  "},
		{"postgresql", "a = $1$ OR b = 's3cret'", "a = $1$ OR b = ?"},
		{"postgresql", "a = $$$$ AND b = 1", "a = ? AND b = ?"},
		{"postgresql", "a = seq'x' AND b = q'x' AND c = d", "a = seq? AND b = ? AND c = d"},
		{"oracle", "a = nq'[it's]' AND b = q'[]' AND c = 1", "a = ? AND b = ? AND c = ?"},
		{"oracle", "a = q'", "a = ?"},
		{"", "a = .5", "a = ?"},
		{"", "a = '' AND b = 1 AND c = 'x'", "a = ? AND b = ? AND c = ?"},
		{"", "a = 'it''", "a = ?"},
		{"mssql", "SELECT [], [it's] FROM t", "SELECT [], [it's] FROM t"},
		{"sqlite", "WHERE c = ['s3cret'", "WHERE c = [?"},
		{"bigquery", `a = """""" AND b = 's3cret'`, `a = ? AND b = ?`},
		{"bigquery", `a = rb'it"s' AND b = 1`, `a = ? AND b = ?`},
		{"postgresql", `a = 'x\`, `a = ?`},
		{"postgresql", "a = $a", "a = $a"},
		{"postgresql", "a = $", "a = $"},
		{"neo4j", `MATCH (n:User {name: "it's", age: 5}) WHERE n.x = 'a'`, `MATCH (n:User {name: ?, age: ?}) WHERE n.x = ?`},
	} {
		if got := withoutLiterals(c.query, c.system); got != c.want {
			t.Errorf("%s: %s\n got %q\nwant %q", c.system, c.query, got, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { withoutLiterals("SELECT a, b FROM t WHERE id = $1", "postgresql") }); n != 0 {
		t.Errorf("%v allocations without a literal, want 0", n)
	}
}

// FuzzWithoutLiterals holds that what is done once is done, and that no byte of a
// string is left.
func FuzzWithoutLiterals(f *testing.F) {
	f.Add("SELECT 'a', 1 FROM t -- x", "mysql")
	f.Add("q'[", "oracle")
	f.Add("$a$ $a", "postgresql")
	f.Fuzz(func(t *testing.T, query, system string) {
		got := withoutLiterals(query, system)
		if len(got) > len(query)+1 {
			t.Errorf("%q grew to %q", query, got)
		}
		withoutLiterals(got, system)
		secret := withoutLiterals("a = '"+strings.NewReplacer("'", "", "\\", "").Replace(query)+"s3cret'", system)
		if secret != "a = ?" {
			t.Errorf("%q is left of a literal", secret)
		}
	})
}
