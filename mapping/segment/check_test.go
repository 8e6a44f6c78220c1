package segment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	ids   = `"id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979"`
	times = `"start_time":1478293361.271,"end_time":1478293361.449`
)

// segment returns a segment with more fields.
func segment(more string) string {
	return `{"name":"orders",` + ids + `,` + times + more + `}`
}

// alone returns a subsegment that is sent alone, with more fields.
func alone(more string) string {
	return `{"name":"S3",` + ids + `,"parent_id":"53995c3f42cd8ad8","type":"subsegment",` + times + more + `}`
}

// within returns a segment around one subsegment with more fields.
func within(more string) string {
	return segment(`,"subsegments":[{"name":"work","id":"00000000000000b1",` + times + more + `}]`)
}

func TestCheckGood(t *testing.T) {
	for name, doc := range map[string]string{
		"minimal segment":     segment(""),
		"minimal subsegment":  alone(""),
		"in progress":         `{"name":"orders",` + ids + `,"start_time":1,"in_progress":true}`,
		"not in progress":     segment(`,"in_progress":false`),
		"no time at all":      `{"name":"orders",` + ids + `,"start_time":7,"end_time":7}`,
		"exponent":            `{"name":"orders",` + ids + `,"start_time":1.478293361271E9,"end_time":1.478293361449E9}`,
		"nested":              within(`,"namespace":"remote","parent_id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","type":"subsegment"`),
		"name":                strings.Replace(segment(""), "orders", `Bücher 日本 1_.:/%&#=+-@`, 1),
		"long name":           strings.Replace(segment(""), "orders", strings.Repeat("é", 200), 1),
		"annotations":         segment(`,"annotations":{"a_1":"x","tenant.id":"y","B":2.5,"c":true,"azAZ09":0,"` + strings.Repeat("k", 500) + `":"` + strings.Repeat("ü", 1000) + `"}`),
		"first and last time": `{"name":"orders",` + ids + `,"start_time":0,"end_time":95617584000}`,
		"as large as may be":  segment(`,"metadata":{"d":{"x":"` + strings.Repeat("x", MaxDocument-len(segment(`,"metadata":{"d":{"x":""}}`))) + `"}}`),
		"50 annotations":      segment(`,"annotations":{` + numbered(50, `"k%d":1`) + `}`),
		"metadata":            segment(`,"metadata":{"default":{"a":null,"b":[1,{"c":{}}]},"aws.x":{}}`),
		"20 links":            segment(`,"links":[` + numbered(20, `{"id":"%016x","trace_id":"1-581cf771-a006649127e371903a2de979","attributes":{}}`) + `]`),
		"cause":               segment(`,"fault":true,"cause":{"working_directory":"/var/task","paths":["/a"],"exceptions":[{"id":"00000000000000c1","message":"m","type":"t","remote":true,"truncated":3,"skipped":1,"cause":"00000000000000c2","stack":[{"path":"a.go","line":1,"label":"f"}]},{"id":"00000000000000c2"}]}`),
		"cause in a child":    segment(`,"fault":true,"cause":"00000000000000c1"`),
		"flags":               segment(`,"error":true,"throttle":true,"fault":false`),
		"segment blocks":      segment(`,"origin":"AWS::Lambda::Function","resource_arn":"arn:aws:x","user":"u","parent_id":"53995c3f42cd8ad8","service":{"version":"1"},"http":{"request":{"method":"GET","url":"u","user_agent":"a","client_ip":"::1","x_forwarded_for":true},"response":{"status":200,"content_length":0}},"aws":{"account_id":"1","resource_names":["a"],"cloudwatch_logs":[{"log_group":"g","arn":"a"}],"xray":{"sdk":"s","sdk_version":"1","auto_instrumentation":false},"ecs":{"container":"c"}}`),
		"subsegment blocks":   alone(`,"namespace":"aws","precursor_ids":["53995c3f42cd8ad9"],"http":{"request":{"url":"u","traced":true}},"sql":{"url":"u","user":"u","sanitized_query":"` + strings.Repeat("q", 5000) + `"},"aws":{"operation":"GetItem","table_name":"t","retries":2,"whatever":{"a":1}}`),
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range Check([]byte(doc)) {
				t.Error(v)
			}
		})
	}
}

func TestCheckBad(t *testing.T) {
	const unneeded = "must be on a segment, not on a subsegment"
	const onlySub = "must be on a subsegment, not on a segment"
	without := func(doc, part string) string {
		if !strings.Contains(doc, part) {
			t.Fatalf("%q is not in %s", part, doc)
		}
		return strings.Replace(doc, part, "", 1)
	}
	tests := []struct{ name, doc, path, rule, code string }{
		{"no JSON", `{"name":`, "", "must be JSON: unexpected end", "ParseError"},
		{"bytes behind", segment("") + "}", "", "must be JSON: invalid character", "ParseError"},
		{"no object", `[]`, "", "must be an object, is array", "ParseError"},
		{"no UTF-8", segment(`,"metadata":{"d":{"x":"` + "\xff" + `"}}`), "", "valid UTF-8", "ParseError"},
		{"not compact", strings.Replace(segment(""), `"id":`, `"id": `, 1), "", "compact JSON", ""},
		{"too large", segment(`,"metadata":{"d":{"x":"` + strings.Repeat("x", MaxDocument) + `"}}`), "", "at most 65536 bytes", "DocumentTooLarge"},
		{"a byte too large", segment(`,"metadata":{"d":{"x":"` + strings.Repeat("x", MaxDocument-len(segment(`,"metadata":{"d":{"x":""}}`))+1) + `"}}`), "", "at most 65536 bytes, is 65537", "DocumentTooLarge"},
		{"duplicate key", segment(`,"metadata":{"d":{"x":1,"x":2}}`), "metadata.d.x", "appears twice", ""},
		{"unknown field", segment(`,"Dummy":false`), "Dummy", "knows no such field", ""},

		{"no name", without(segment(""), `"name":"orders",`), "name", "a string is needed, is missing", "MissingName"},
		{"name is a number", strings.Replace(segment(""), `"orders"`, "1", 1), "name", "a string is needed, is 1", "InvalidName"},
		{"name empty", strings.Replace(segment(""), "orders", "", 1), "name", "1 to 200 characters, has 0", "InvalidName"},
		{"name too long", strings.Replace(segment(""), "orders", strings.Repeat("é", 201), 1), "name", "has 201", "InvalidName"},
		{"name with a sign", strings.Replace(segment(""), "orders", "a?", 1), "name", "must not contain '?'", "InvalidName"},
		{"name with a backslash", strings.Replace(segment(""), "orders", `a\\b`, 1), "name", `must not contain '\\'`, "InvalidName"},
		{"name with a newline", strings.Replace(segment(""), "orders", `a\nb`, 1), "name", `must not contain '\n'`, "InvalidName"},
		{"no id", `{"name":"a","trace_id":"1-581cf771-a006649127e371903a2de979",` + times + `}`, "id", "is missing", "MissingId"},
		{"id of 15 digits", strings.Replace(segment(""), "70de5b6f19ff9a0a", "70de5b6f19ff9a0", 1), "id", "16 hexadecimal digits", "InvalidId"},
		{"id no hex", strings.Replace(segment(""), "70de5b6f19ff9a0a", "70de5b6f19ff9a0g", 1), "id", "16 hexadecimal digits", "InvalidId"},
		{"no trace_id", without(segment(""), `,"trace_id":"1-581cf771-a006649127e371903a2de979"`), "trace_id", "is missing", "MissingTraceId"},
		{"trace_id of W3C", strings.Replace(segment(""), "1-581cf771-a006649127e371903a2de979", "581cf771a006649127e371903a2de979", 1), "trace_id", "24 more are needed", "InvalidTraceId"},
		{"no parent_id", without(alone(""), `"parent_id":"53995c3f42cd8ad8",`), "parent_id", "sent alone", "MissingParentId"},
		{"parent_id of a segment", segment(`,"parent_id":"x"`), "parent_id", "16 hexadecimal digits", "InvalidParentId"},
		{"parent_id own", segment(`,"parent_id":"70de5b6f19ff9a0a"`), "parent_id", "own id", "InvalidParentId"},
		{"type", segment(`,"type":"segment"`), "type", `must be "subsegment" or absent`, ""},

		{"no start_time", `{"name":"a",` + ids + `,"end_time":2}`, "start_time", "seconds since 1970 is needed, is missing", "MissingStartTime"},
		{"start_time a string", `{"name":"a",` + ids + `,"start_time":"1","end_time":2}`, "start_time", "is needed", "InvalidStartTime"},
		{"start_time in ms", `{"name":"a",` + ids + `,"start_time":1478293361271,"in_progress":true}`, "start_time", "must be in seconds", "InvalidStartTime"},
		{"start_time negative", `{"name":"a",` + ids + `,"start_time":-1,"end_time":2}`, "start_time", "must be in seconds", "InvalidStartTime"},
		{"no end_time", `{"name":"a",` + ids + `,"start_time":1}`, "end_time", "or in_progress:true", "MissingEndTime"},
		{"end before start", `{"name":"a",` + ids + `,"start_time":2,"end_time":1}`, "end_time", "before start_time", "InvalidEndTime"},
		{"end_time and in_progress", segment(`,"in_progress":true`), "in_progress", "beside an end_time", ""},
		{"in_progress a string", segment(`,"in_progress":"yes"`), "in_progress", "must be a boolean", ""},

		{"nested no object", segment(`,"subsegments":[1]`), "subsegments[0]", "must be an object", ""},
		{"nested no array", segment(`,"subsegments":{}`), "subsegments", "must be an array", ""},
		{"nested no name", segment(`,"subsegments":[{"id":"00000000000000b1",` + times + `}]`), "subsegments[0].name", "is needed", ""},
		{"nested no end", segment(`,"subsegments":[{"name":"a","id":"00000000000000b1","start_time":1}]`), "subsegments[0].end_time", "is needed", ""},
		{"nested two deep", within(`,"subsegments":[{"name":"?","id":"00000000000000b2",` + times + `}]`), "subsegments[0].subsegments[0].name", "must not contain", ""},
		{"nested same id", segment(`,"subsegments":[{"name":"a","id":"70de5b6f19ff9a0a",` + times + `}]`), "subsegments[0].id", "also the id of the document", ""},
		{"nested foreign parent_id", within(`,"parent_id":"53995c3f42cd8ad8"`), "subsegments[0].parent_id", "enclosing document", ""},
		{"nested foreign trace_id", within(`,"trace_id":"1-581cf771-000000000000000000000000"`), "subsegments[0].trace_id", "trace id of the document", ""},
		{"nested type", within(`,"type":"segment"`), "subsegments[0].type", "subsegment", ""},

		{"service on a subsegment", alone(`,"service":{}`), "service", unneeded, ""},
		{"user on a subsegment", alone(`,"user":"u"`), "user", unneeded, ""},
		{"origin on a subsegment", within(`,"origin":"o"`), "subsegments[0].origin", unneeded, ""},
		{"links on a subsegment", alone(`,"links":[]`), "links", unneeded, ""},
		{"aws.xray on a subsegment", alone(`,"aws":{"xray":{}}`), "aws.xray", unneeded, ""},
		{"aws.ecs on a subsegment", within(`,"aws":{"ecs":{}}`), "subsegments[0].aws.ecs", unneeded, ""},
		{"x_forwarded_for on a subsegment", alone(`,"http":{"request":{"x_forwarded_for":true}}`), "http.request.x_forwarded_for", unneeded, ""},
		{"traced on a segment", segment(`,"http":{"request":{"traced":true}}`), "http.request.traced", onlySub, ""},
		{"namespace on a segment", segment(`,"namespace":"aws"`), "namespace", onlySub, ""},
		{"sql on a segment", segment(`,"sql":{}`), "sql", onlySub, ""},
		{"precursor_ids on a segment", segment(`,"precursor_ids":[]`), "precursor_ids", onlySub, ""},
		{"namespace", alone(`,"namespace":"local"`), "namespace", "one of aws, remote", ""},
		{"precursor id", alone(`,"precursor_ids":["x"]`), "precursor_ids[0]", "16 hexadecimal digits", ""},

		{"user too long", segment(`,"user":"` + strings.Repeat("u", 251) + `"`), "user", "at most 250 characters, has 251", ""},
		{"url too long", segment(`,"http":{"request":{"url":"` + strings.Repeat("u", 251) + `"}}`), "http.request.url", "at most 250", ""},
		{"sql user too long", alone(`,"sql":{"user":"` + strings.Repeat("u", 251) + `"}`), "sql.user", "at most 250", ""},
		{"http no object", segment(`,"http":[]`), "http", "must be an object", ""},
		{"http field", segment(`,"http":{"request":{"path":"/"}}`), "http.request.path", "knows no such field", ""},
		{"status a string", segment(`,"http":{"response":{"status":"200"}}`), "http.response.status", "must be a number", ""},
		{"content_length negative", segment(`,"http":{"response":{"content_length":-1}}`), "http.response.content_length", "integer of at least 0", ""},
		{"aws no object", segment(`,"aws":1`), "aws", "must be an object", ""},
		{"aws field", segment(`,"aws":{"resource_names":"a"}`), "aws.resource_names", "must be an array", ""},
		{"error a number", segment(`,"error":1`), "error", "must be a boolean", ""},
		{"throttle alone", segment(`,"throttle":true`), "throttle", "error:true", ""},

		{"message count", alone(`,"aws":{"message_count":"2"}`), "aws.message_count", "must be a number", ""},
		{"status code", alone(`,"aws":{"status_code":"200"}`), "aws.status_code", "must be a number", ""},
		{"function name", alone(`,"aws":{"function_name":["f"]}`), "aws.function_name", "must be a string", ""},

		{"annotation key", segment(`,"annotations":{"a-b":1}`), "annotations.a-b", "letters, digits, _ and .", ""},
		{"annotation key too long", segment(`,"annotations":{"` + strings.Repeat("k", 501) + `":1}`), "annotations." + strings.Repeat("k", 501), "1 to 500", ""},
		{"annotation too long", segment(`,"annotations":{"a":"` + strings.Repeat("ü", 1001) + `"}`), "annotations.a", "at most 1000 characters", ""},
		{"annotation an object", segment(`,"annotations":{"a":{}}`), "annotations.a", "string, number or boolean", ""},
		{"annotation too big", segment(`,"annotations":{"a":1e999}`), "annotations.a", "must fit a double", ""},
		{"annotations no object", segment(`,"annotations":[]`), "annotations", "must be an object", ""},
		{"51 annotations", within(`,"annotations":{` + numbered(51, `"k%d":1`) + `}`), "annotations", "has 51", ""},
		{"metadata no object", segment(`,"metadata":[]`), "metadata", "object of namespaces", ""},
		{"metadata without namespace", segment(`,"metadata":{"k":"v"}`), "metadata.k", "namespace must be an object", ""},
		{"metadata reserved namespace", segment(`,"metadata":{"AWS.x":{}}`), "metadata.AWS.x", "reserved", ""},
		{"metadata reserved key", segment(`,"metadata":{"d":{"AWS.x":1}}`), "metadata.d.AWS.x", "reserved", ""},

		{"cause a number", segment(`,"cause":1`), "cause", "must be an object", ""},
		{"cause no id", segment(`,"cause":"boom"`), "cause", "16 hexadecimal digits", ""},
		{"exception no id", segment(`,"cause":{"exceptions":[{"message":"m"}]}`), "cause.exceptions[0].id", "needed on an exception", ""},
		{"exception ids equal", segment(`,"cause":{"exceptions":[{"id":"00000000000000c1"},{"id":"00000000000000c1"}]}`), "cause.exceptions[1].id", "also the id of cause.exceptions[0].id", ""},
		{"exception its own cause", segment(`,"cause":{"exceptions":[{"id":"00000000000000c1","cause":"00000000000000c1"}]}`), "cause.exceptions[0].cause", "own id", ""},
		{"frame line", segment(`,"cause":{"exceptions":[{"id":"00000000000000c1","stack":[{"line":"1"}]}]}`), "cause.exceptions[0].stack[0].line", "must be a number", ""},
		{"21 links", segment(`,"links":[` + numbered(21, `{"id":"%016x","trace_id":"1-581cf771-a006649127e371903a2de979"}`) + `]`), "links", "at most 20, are 21", ""},
		{"link without trace", segment(`,"links":[{"id":"00000000000000d1"}]`), "links[0].trace_id", "is missing", ""},
		{"link attributes", segment(`,"links":[{"id":"00000000000000d1","trace_id":"1-581cf771-a006649127e371903a2de979","attributes":[]}]`), "links[0].attributes", "must be an object", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := Check([]byte(tt.doc))
			if len(found) != 1 {
				t.Fatalf("%d rules are broken, want the one: %v", len(found), found)
			}
			v := found[0]
			if v.Path != tt.path || !strings.Contains(v.Rule, tt.rule) || v.ErrorCode != tt.code {
				t.Errorf("got path %q, rule %q, code %q\nwant %q, %q, %q", v.Path, v.Rule, v.ErrorCode, tt.path, tt.rule, tt.code)
			}
		})
	}
}

func TestCheckNamesAll(t *testing.T) {
	var got []string
	for _, v := range Check([]byte(`{"name":"?","start_time":1}`)) {
		got = append(got, v.Error())
	}
	want := []string{
		`trace_id: 1-, 8 hexadecimal digits, - and 24 more are needed, is missing`,
		`id: 16 hexadecimal digits are needed, is missing`,
		`name: must not contain '?': letters, digits, space and _.:/%&#=+-@ are allowed`,
		`end_time: is needed, or in_progress:true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckStopsAtAHundred(t *testing.T) {
	found := Check([]byte(segment(`,"subsegments":[` + strings.Repeat("1,", 1000) + `1]`)))
	if len(found) != maxViolations {
		t.Errorf("%d violations, want %d", len(found), maxViolations)
	}
}

// Its allocations grow with the size of the document and not with its square.
// They are what costs: the bytes are counted, not the time.
func TestCheckNested(t *testing.T) {
	nested := func(depth, key int) []byte {
		open := `{"` + strings.Repeat("k", key) + `":`
		return []byte(segment(`,"metadata":{"d":{"x":` + strings.Repeat(open, depth) + "1" + strings.Repeat("}", depth) + `}}`))
	}
	allocated := func(doc []byte) int64 {
		return testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				Check(doc)
			}
		}).AllocedBytesPerOp()
	}
	small, large := allocated(nested(1000, 450)), allocated(nested(8000, 450))
	if large > 12*small {
		t.Errorf("8 times the nesting allocates %d times the bytes: %d, %d", large/small, large, small)
	}
	found := Check(nested(9000, 450))
	if len(found) != 1 || found[0].ErrorCode != "DocumentTooLarge" {
		t.Errorf("4 MB of nesting: %v", found)
	}
	found = Check(nested(10001, 1))
	if len(found) != 1 || found[0].ErrorCode != "ParseError" {
		t.Errorf("deeper than encoding/json reads: %v", found)
	}
}

func TestCheckCutsPaths(t *testing.T) {
	found := Check([]byte(segment(`,"metadata":{"` + strings.Repeat("é", 1000) + `":{"AWS.x":1}}`)))
	if len(found) != 1 || !strings.HasPrefix(found[0].Path, "metadata.éé") || !strings.HasSuffix(found[0].Path, "éé.AWS.x") || len(found[0].Path) > maxPath+len("…") {
		t.Errorf("got %v", found)
	}
}

// numbered joins n times the format with 1 to n.
func numbered(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i+1)
	}
	return strings.Join(parts, ",")
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(segment(`,"metadata":{"d":{"x":[1,null,{}]}},"links":[1],"cause":"x","aws":{"xray":[]}`)))
	f.Add([]byte(alone(`,"http":{"request":[]},"subsegments":[{"subsegments":[[]]}]`)))
	f.Add([]byte(`null`))
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, v := range Check(doc) {
			if v.Rule == "" || len(v.Error()) > maxPath+1000 {
				t.Errorf("a rule of %d bytes", len(v.Error()))
			}
		}
	})
}
