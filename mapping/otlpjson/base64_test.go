package otlpjson

import "testing"

// Ids as protobuf's own JSON has them, which Tempo answers with.
func TestIDsInBase64(t *testing.T) {
	read := func(trace, span string) (string, error) {
		spans, err := Unmarshal([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"` + trace + `","spanId":"` + span + `","name":"x","kind":"SPAN_KIND_SERVER"}]}]}]}`))
		if len(spans) != 1 {
			return "", err
		}
		return spans[0].TraceID.String() + " " + spans[0].SpanID.String(), err
	}
	const want = "5b8efff798038103d269b633813fc60c eee19b7ec3c1b174"
	if got, err := read("W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQ="); err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	for _, ids := range [][2]string{
		{"W47/95gDgQPSabYzgT/GDAAA", "7uGbfsPBsXQ="}, // 18 bytes
		{"W47/95gDgQPSabYzgT/GDB==", "7uGbfsPBsXQ="}, // bits beyond the last byte
		{"W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQA"},
		{"W47/95gDgQPSabYzgT/\\nDA=", "7uGbfsPBsXQ="},
		{"W47-95gDgQPSabYzgT_GDA==", "7uGbfsPBsXQ="}, // of URLs
	} {
		if got, err := read(ids[0], ids[1]); err == nil {
			t.Errorf("%q are read as %s", ids, got)
		}
	}
}
