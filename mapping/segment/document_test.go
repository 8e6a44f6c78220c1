package segment_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// What Parse reads, Marshal writes: no field of the types is misspelled.
func TestParseKeepsAll(t *testing.T) {
	for name, doc := range map[string]string{
		"segment": `{"name":"orders","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"53995c3f42cd8ad8","start_time":1478293361.271,"end_time":1478293361.449,
			"origin":"AWS::Lambda::Function","resource_arn":"arn:aws:x","user":"u","error":true,"throttle":true,"fault":true,
			"cause":{"working_directory":"/var/task","paths":["/a"],"exceptions":[{"id":"00000000000000c1","message":"m","type":"t","remote":true,"truncated":3,"skipped":1,"cause":"00000000000000c2","stack":[{"path":"a.go","line":1,"label":"f"}]}]},
			"http":{"request":{"method":"GET","url":"u","user_agent":"a","client_ip":"::1","x_forwarded_for":true},"response":{"status":200,"content_length":7}},
			"aws":{"account_id":"1"},"service":{"version":"1","runtime":"go","runtime_version":"1.26"},
			"annotations":{"a":1},"metadata":{"default":{"b":[null]}},
			"links":[{"id":"00000000000000d1","trace_id":"1-581cf771-a006649127e371903a2de979","attributes":{"x":"y"}}],
			"subsegments":[{"name":"work","id":"00000000000000b1","start_time":1,"in_progress":true,"cause":"00000000000000c1"}]}`,
		"subsegment": `{"name":"S3","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"53995c3f42cd8ad8","type":"subsegment","start_time":1,"end_time":2,
			"namespace":"aws","inferred":true,"precursor_ids":["53995c3f42cd8ad9"],"http":{"request":{"url":"u","traced":true}},
			"sql":{"connection_string":"c","url":"u","sanitized_query":"q","database_type":"t","database_version":"v","driver_version":"d","user":"u","preparation":"statement"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := segment.Parse([]byte(doc))
			if err != nil {
				t.Fatal(err)
			}
			out, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decode(t, []byte(doc)), decode(t, out)); diff != "" {
				t.Errorf("(-read +written):\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseBad(t *testing.T) {
	d, err := segment.Parse([]byte(`{"name":7,"id":"70de5b6f19ff9a0a","cause":{"exceptions":7,"paths":["/a"]},"error":"yes","aws":{"operation":"GetItem"}}`))
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "name") {
		t.Errorf("the error %v does not name the first field of a wrong type", err)
	}
	if d == nil || d.ID != "70de5b6f19ff9a0a" || d.AWS["operation"] != "GetItem" || len(d.Cause.Paths) != 1 {
		t.Errorf("what is good is lost: %+v", d)
	}
	for _, doc := range []string{``, `{`, `[]`, `"x"`, `{"name":"a"}}`, `{"start_time":"soon"}`} {
		if d, err := segment.Parse([]byte(doc)); err == nil || d != nil {
			t.Errorf("%s: got %+v, %v", doc, d, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"cause":"x","links":[1],"metadata":{"a":{"b":1}},"subsegments":[null,{}]}`))
	f.Add([]byte(`{"start_time":"1","cause":{"exceptions":[{"stack":[{}]}]}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := segment.Parse(doc)
		if err != nil {
			return
		}
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
		segment.Time(d.StartTime)
		segment.ParseTraceID(d.TraceID)
	})
}
