package segment

import (
	"strings"
	"testing"
)

const minimalSegment = `{"name":"orders","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1.5,"end_time":2}`

func TestParseDatagram(t *testing.T) {
	tests := []struct {
		name, data string
		wantErr    string // part of the error; "" for a good datagram
	}{
		{"good", DatagramHeader + minimalSegment, ""},
		{"header with spaces", `{"format": "json", "version": 1}` + "\n" + minimalSegment, ""},
		{"empty", "", "no header line"},
		{"no header line", minimalSegment, "no header line"},
		{"header is no JSON", "hello\n" + minimalSegment, "datagram header"},
		{"other format", `{"format":"cbor","version":1}` + "\n" + minimalSegment, "format must be"},
		{"other version", `{"format":"json","version":2}` + "\n" + minimalSegment, "version 1"},
		{"no document", DatagramHeader, "without a document"},
		{"truncated document", DatagramHeader + minimalSegment[:40], "unexpected EOF"},
		{"two documents", DatagramHeader + minimalSegment + "\n" + minimalSegment, "two documents"},
		{"bytes after the document", DatagramHeader + minimalSegment + "}", "bytes after the document"},
		{"array", DatagramHeader + "[" + minimalSegment + "]", "JSON object is needed"},
		{"spaced id", DatagramHeader + `{"id": "70de5b6f19ff9a0a"}`, "without spaces"},
		{"too long", DatagramHeader + `{"id":"` + strings.Repeat("0", MaxDatagram) + `"}`, "at most 65507"},
	}
	fill := strings.Repeat("0", MaxDatagram-len(DatagramHeader)-len(`{"id":""}`))
	if _, err := ParseDatagram([]byte(DatagramHeader + `{"id":"` + fill + `"}`)); err != nil {
		t.Errorf("%d bytes: %v", MaxDatagram, err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := ParseDatagram([]byte(tt.data))
			checkError(t, err, tt.wantErr)
			if tt.wantErr == "" && string(doc) != minimalSegment {
				t.Errorf("document %q, want %q", doc, minimalSegment)
			}
		})
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Fatalf("no error, want one with %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Fatalf("error %q, want one with %q", err, want)
	}
}

func FuzzParseDatagram(f *testing.F) {
	f.Add([]byte(DatagramHeader + minimalSegment))
	f.Add([]byte(DatagramHeader + minimalSegment + minimalSegment))
	f.Add([]byte(minimalSegment))
	f.Add([]byte("{}\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := ParseDatagram(data)
		if (doc == nil) != (err != nil) {
			t.Errorf("document %q and error %v", doc, err)
		}
	})
}
