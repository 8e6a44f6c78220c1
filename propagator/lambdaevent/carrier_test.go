package lambdaevent_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

func TestEventCarrier(t *testing.T) {
	c := lambdaevent.Parse(readEvent(t, "sqs_single")).Carrier()
	c.Set("traceparent", "x")
	if got := c.Get("TraceParent"); got != traceparent {
		t.Errorf("Get after Set = %q, want %q", got, traceparent)
	}
	want := []string{"ApproximateReceiveCount", "X-Amzn-Trace-Id", "SenderId", "traceparent"}
	if diff := cmp.Diff(want, c.Keys()); diff != "" {
		t.Errorf("Keys() (-want +got):\n%s", diff)
	}
	for _, key := range append(want, "x-amzn-trace-id", "awstraceheader") {
		if c.Get(key) == "" {
			t.Errorf("Get(%q) is empty", key)
		}
	}
	if got := c.Get("nothing"); got != "" {
		t.Errorf("Get(nothing) = %q", got)
	}
}

// TestWrapped: what is an envelope, and what only looks like one.
func TestWrapped(t *testing.T) {
	attributes := `"MessageAttributes":{"traceparent":{"Type":"String","Value":"` + traceparent + `"}}`
	detail := `"detail":{"traceparent":"` + traceparent + `"}`
	quote := func(s string) string {
		text, _ := json.Marshal(s)
		return string(text)
	}
	for body, want := range map[string]bool{
		`{"TopicArn":"t","Message":"m",` + attributes + `}`:                                        true,
		`{"TopicArn":"t","Message":` + quote(`{"detail-type":"x",`+detail+`}`) + `}`:               true,
		`{"TopicArn":"t","Message":` + quote(`{"TopicArn":"t","Message":"",`+attributes+`}`) + `}`: true,
		`{"detail-type":"x",` + detail + `}`:                                                       true,
		`{"TopicArn":"t",` + attributes + `}`:                                                      false,
		`{"Message":"TopicArn",` + attributes + `}`:                                                false,
		`{"note":"detail-type",` + detail + `}`:                                                    false,
		`{"detail-type":"x","detail":"` + traceparent + `"}`:                                       false,
		`[{"detail-type":"x",` + detail + `}]`:                                                     false,
		`"TopicArn"`:                                                                               false,
		`{"detail-type`:                                                                            false,
		``:                                                                                         false,
	} {
		for raw, want := range map[string]bool{quote(body): want, body: false} {
			if raw == "" {
				continue
			}
			event := `{"Records":[{"eventSource":"aws:sqs","messageAttributes":{},"body":` + raw + `}]}`
			if got := lambdaevent.Parse([]byte(event)).Carrier().Get("traceparent") != ""; got != want {
				t.Errorf("%s: %t", event, got)
			}
		}
		if got := lambdaevent.BodyCarrier([]byte(body)).Get("traceparent") != ""; got != want {
			t.Errorf("body %s: %t", body, got)
		}
		data := base64.StdEncoding.EncodeToString([]byte(body))
		event := `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"` + data + `"}}]}`
		if lambdaevent.Parse([]byte(event)).Carrier().Get("traceparent") != "" {
			t.Errorf("%s, which EventBridge did not write", event)
		}
	}
	broken := `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"eyJ2ZXJzaW9uIjoiMCIs!"}}]}`
	if keys := lambdaevent.Parse([]byte(broken)).Carrier().Keys(); len(keys) != 0 {
		t.Errorf("keys %v", keys)
	}
}

// TestCarrierValues: the kinds of values under which a sender's text comes.
func TestCarrierValues(t *testing.T) {
	for value, want := range map[string]string{
		`"x"`: "x", `["x","y"]`: "x", `["",  "y"]`: "", `[]`: "", `[120]`: "x", `[120,121]`: "xy", `[-61, 188]`: "ü", `[195,-68]`: "ü",
		`[120,"y"]`: "", `["x",121]`: "x", `[256]`: "", `[-129]`: "", `[255,-128]`: "\xff\x80", `[1.5]`: "", `[null]`: "", `7`: "", `null`: "", `true`: "",
		`{"stringValue":"x","dataType":"String"}`: "x", `{"Type":"String","Value":"x"}`: "x", `{"bytes":[120]}`: "x",
		`{"stringValue":"","Value":"x"}`: "x", `{"bytes":"x"}`: "", `{"Value":7}`: "", `{"value":"x"}`: "", `{}`: "",
	} {
		c := lambdaevent.Parse([]byte(`{"headers":{"a":"z","K":` + value + `}}`)).Carrier()
		if got := c.Get("k"); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
		if got := len(c.Keys()) == 2; got != (want != "") {
			t.Errorf("%s: keys %v", value, c.Keys())
		}
	}
}

// TestCarrierOfLists: headers in a list of objects, as Kafka has them, and beside another
// object; keys in any case.
func TestCarrierOfLists(t *testing.T) {
	c := lambdaevent.Parse([]byte(`{"Records":[{"eventSource":"aws:sqs","attributes":[{"a":"x"},{"Zone":"y"}],"messageAttributes":{"b":{"stringValue":"z"}},"body":""}]}`)).Carrier()
	for key, want := range map[string]string{"a": "x", "A": "x", "zone": "y", "ZONE": "y", "b": "z", "c": ""} {
		if got := c.Get(key); got != want {
			t.Errorf("Get(%q) = %q, want %q", key, got, want)
		}
	}
	if diff := cmp.Diff([]string{"a", "Zone", "b"}, c.Keys()); diff != "" {
		t.Errorf("Keys() (-want +got):\n%s", diff)
	}
}
