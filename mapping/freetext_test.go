package mapping

import (
	"strings"
	"testing"
)

func TestCleanText(t *testing.T) {
	for text, want := range map[string]string{
		`Get "https://u:s3cret@h.example.com/p?token=s3cret": dial tcp: no such host`:     `Get "https://h.example.com/p": dial tcp: no such host`,
		`(see https://h/p?a=s3cret), and http://h:80/q#s3cret.`:                           `(see https://h/p), and http://h:80/q.`,
		`parse "postgres://u:s3cret": invalid port ":s3cret" after host`:                  `parse "postgres://REDACTED": invalid port ":REDACTED" after host`,
		`postgres://u:s3/cret@h:5432/d`:                                                   `postgres://h:5432/d`,
		`postgres://u:s3cret#x@h/d`:                                                       `postgres://REDACTED`,
		`https://h/@user/p and https://h:8443/@user`:                                      `https://h/@user/p and https://h:8443/@user`,
		`https://h/login?next=https://h2/p?token=s3cret`:                                  `https://h/login`,
		`amqp://u:s3cret@h1,amqp://u:s3cret@h2`:                                           `amqp://h1,amqp://h2`,
		`http://[::1]:8080/p?x=s3cret`:                                                    `http://[::1]:8080/p`,
		`Max retries exceeded with url: /p?token=s3cret (Caused by X)`:                    `Max retries exceeded with url: /p (Caused by X)`,
		`dial app:s3cret@tcp(db:3306)/shop: refused`:                                      `dial tcp(db:3306)/shop: refused`,
		`ORA-01017: scott/s3cret@db:1521/shop`:                                            `ORA-01017: db:1521/shop`,
		`host=db user=app password=s3cret dbname=shop`:                                    `host=db user=app password=REDACTED dbname=shop`,
		`host=db password='my s3cret' dbname=shop`:                                        `host=db password='REDACTED' dbname=shop`,
		`password = s3cret; x`:                                                            `password = REDACTED; x`,
		`Server=db;User Id=sa;Password={s3;cret};Encrypt=true`:                            `Server=db;User Id=sa;Password=REDACTED;Encrypt=true`,
		`{"user":"a","password":"s3\"cret","n":1}`:                                        `{"user":"a","password":"REDACTED","n":1}`,
		`body {\"password\":\"s3cret\",\"n\":1}`:                                          `body {\"password\":\"REDACTED\",\"n\":1}`,
		`{'api_key': 's3cret', 'user': 'a'}`:                                              `{'api_key': 'REDACTED', 'user': 'a'}`,
		"{\"password\"\t: \"s3cret\"}":                                                    "{\"password\"\t: \"REDACTED\"}",
		`sent Authorization: Bearer s3cret`:                                               `sent Authorization: REDACTED`,
		"Authorization: Basic s3cret\nHost: x":                                            "Authorization: REDACTED\nHost: x",
		`bad token Bearer s3cret`:                                                         `bad token Bearer REDACTED`,
		`app --password s3cret --port 80`:                                                 `app --password REDACTED --port 80`,
		`app --db-password=s3cret`:                                                        `app --db-password=REDACTED`,
		`User: arn:aws:sts::123456789012:assumed-role/x/alice@example.com is not allowed`: `User: arn:aws:sts::123456789012:assumed-role/x/alice@example.com is not allowed`,
		`at f (/var/task/node_modules/@aws-sdk/client/index.js:10:5)`:                     `at f (/var/task/node_modules/@aws-sdk/client/index.js:10:5)`,
		`/go/pkg/mod/github.com/aws/aws-sdk-go-v2@v1.2.3/x.go:12`:                         `/go/pkg/mod/github.com/aws/aws-sdk-go-v2@v1.2.3/x.go:12`,
		`github.com/aws/aws-sdk-go-v2@v1.2.3/x.go:12`:                                     `github.com/aws/aws-sdk-go-v2@v1.2.3/x.go:12`,
		`alice@example.com, mailto:bob@example.com, git@github.com:o/r, shop@db`:          `alice@example.com, mailto:bob@example.com, git@github.com:o/r, shop@db`,
		`repo/image:1.2@sha256:abc`:                                                       `repo/image:1.2@sha256:abc`,
		`unexpected token: } in JSON, max_tokens=5, error: 'token' missing`:               `unexpected token: } in JSON, max_tokens=5, error: 'token' missing`,
		`Access denied for user 'app'@'10.0.0.1' (using password: YES)`:                   `Access denied for user 'app'@'10.0.0.1' (using password: YES)`,
		`why? a/b? x == y`:                                                                `why? a/b? x == y`,
		`/?a=s3cret`:                                                                      `/`,
		`error: 'token' missing, see https://h/p?a=s3cret`:                                `error: 'token' missing, see https://h/p`,
		`{"password"="s3cret","n":1}`:                                                     `{"password"="REDACTED","n":1}`,
		"Authorization: \nHost: x":                                                        "Authorization: REDACTED\nHost: x",
		`body {\"password\":\"s3cret`:                                                     `body {\"password\":\"REDACTED`,
		`x :password=s3cret`:                                                              `x :password=REDACTED`,
		`Password=;Server=db`:                                                             `Password=REDACTED;Server=db`,
		`pwd=s3cret`:                                                                      `pwd=REDACTED`,
		strings.Repeat("x", 56) + `password=s3cret`:                                       strings.Repeat("x", 56) + `password=REDACTED`,
		`://u:s3cret@h/p`:                                                                 `://h/p`,
		`x://://u:s3cret@h`:                                                               `x://://h`,
		`body {\"password\":\"s3cret" x`:                                                  `body {\"password\":\"REDACTED" x`,
		`why?a=b https://h/p?a=s3cret`:                                                    `why?a=b https://h/p`,
		`Authorization:none password=s3cret`:                                              `Authorization:none password=REDACTED`,
		`open file:///C:/a.csv?x=s3cret`:                                                  `open file:///C:/a.csv`,
		`redis://cache:6379/0?x=s3cret`:                                                   `redis://cache:6379/0`,
		`https://h/p?to=a@s3cret`:                                                         `https://h/p`,
		`amqp://@mq/v?x=a@s3cret`:                                                         `amqp://mq/v`,
		`redis://:s3cret or postgres://u:p or https://h/#x`:                               `redis://REDACTED or postgres://REDACTED or https://h/`,
		`dial @tcp(db:3306)/shop`:                                                         `dial tcp(db:3306)/shop`,
		`/x@v1.2/y app:@db/shop a//b@h/c ./x@v1/y`:                                        `/x@v1.2/y app:@db/shop a//b@h/c ./x@v1/y`,
		"https://h/?a=b {\"password\"\t: \"s3cret\"}":                                     "https://h/ {\"password\"\t: \"REDACTED\"}",
		``: ``,
	} {
		if got := cleanText(text, false); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	if got, want := cleanText("https://u:s3cret@h/p?a=b#c", true), "https://h/p?a=b#c"; got != want {
		t.Errorf("with its query: %s, want %s", got, want)
	}
	if n := testing.AllocsPerRun(100, func() { cleanText("operation error DynamoDB: GetItem, code=400, \"Orders\"", false) }); n != 0 {
		t.Errorf("%v allocations without a secret, want 0", n)
	}
}

// FuzzCleanText holds that no password of a URL or a setting is left, whatever
// characters are before it in the text, and that what is clean stays so.
func FuzzCleanText(f *testing.F) {
	f.Add(`Get "`, "u")
	f.Add("password='", "u:p")
	f.Add("https://h/p?", "/")
	f.Fuzz(func(t *testing.T, before, user string) {
		user = strings.Map(func(r rune) rune {
			if strings.ContainsRune(tokenEnds, r) {
				return -1
			}
			return r
		}, user)
		for _, secret := range []string{"amqp://" + user + ":s3cret1@host/p", "https://h/p?" + user + "=s3cret1"} {
			if got := cleanText(before+" "+secret, false); strings.Contains(got, "s3cret1") {
				t.Errorf("%q of %q", got, before+" "+secret)
			}
		}
		once := cleanText(before, false)
		cleanText(once, true)
	})
}
