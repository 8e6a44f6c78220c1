package mapping

import "testing"

// Headers, and values as Go and JavaScript print them.
func TestCleanTextOfPrintedValues(t *testing.T) {
	for _, c := range [][2]string{
		{`sent map[Authorization:[Bearer s3cret] Cookie:[a=s3cret; b=s3cret] X-Api-Key:[s3cret] Host:[h]]`, `sent map[Authorization:[REDACTED] Cookie:[REDACTED] X-Api-Key:[REDACTED] Host:[h]]`},
		{`bad user &{Name:ada Password:s3cret Age:7}`, `bad user &{Name:ada Password:REDACTED Age:7}`},
		{`{Token:s3cret}`, `{Token:REDACTED}`},
		{`map[password:s3cret user:ada]`, `map[password:REDACTED user:ada]`},
		{`X-Api-Key:[s3cret`, `X-Api-Key:[REDACTED`},
		{`X-Api-Key:[s3cret s3cret`, `X-Api-Key:[REDACTED`},
		{`curl -H "X-Api-Key: s3cret" https://h`, `curl -H "X-Api-Key: REDACTED" https://h`},
		{"X-Amz-Security-Token: s3cret\nHost: h", "X-Amz-Security-Token: REDACTED\nHost: h"},
		{`Cookie: sid=s3cret; b`, `Cookie: REDACTED`},
		{`api_key: "s3cret", port: 80`, `api_key: "REDACTED", port: 80`},
		{`{ user: 'ada', password: 's3cret' }`, `{ user: 'ada', password: 'REDACTED' }`},
		{`password: must have 8 characters`, `password: must have 8 characters`},
		{`{arn:aws:secretsmanager:eu-west-1:1:secret:db}`, `{arn:aws:secretsmanager:eu-west-1:1:secret:db}`},
		{`invalid token:abc in list [1 2]`, `invalid token:abc in list [1 2]`},
		{`tokens:[1 2 3] X-Forwarded-For: 10.0.0.1`, `tokens:[1 2 3] X-Forwarded-For: 10.0.0.1`},
	} {
		if got := cleanText(c[0], false); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}
