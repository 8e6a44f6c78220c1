package segment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseDatagram returns the document of a datagram. It is stricter than the
// real daemon, which looks at the header only and forwards the rest as it is:
// what X-Ray would drop without a word is an error here, most of all a second
// document. The result shares memory with data.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
func ParseDatagram(data []byte) (document []byte, err error) {
	if len(data) > MaxDatagram {
		return nil, fmt.Errorf("datagram: %d bytes, at most %d fit", len(data), MaxDatagram)
	}
	head, body, found := bytes.Cut(data, []byte("\n"))
	if !found {
		return nil, fmt.Errorf("datagram: no header line; it begins with %q and must begin with %q", prefix(data), DatagramHeader)
	}
	var header struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(head, &header); err != nil {
		return nil, fmt.Errorf("datagram header %q: %w", prefix(head), err)
	}
	if !strings.EqualFold(header.Format, "json") || header.Version != 1 {
		return nil, fmt.Errorf(`datagram header %q: format must be "json" and version 1`, prefix(head))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("datagram: header without a document")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	var first json.RawMessage
	if err := dec.Decode(&first); err != nil {
		return nil, fmt.Errorf("datagram document: %w", err)
	}
	if first[0] != '{' {
		return nil, fmt.Errorf("datagram document: a JSON object is needed, not %q", prefix(first))
	}
	var second json.RawMessage
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, errors.New("datagram: two documents; both would be lost, send each in its own datagram")
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("datagram: bytes after the document: %w", err)
	}
	if !bytes.Contains(body, []byte(`"id":"`)) {
		return nil, errors.New(`datagram document: no "id":"…"; the daemon finds the id only without spaces around the colon`)
	}
	return body, nil
}

// prefix shortens foreign bytes for an error message.
func prefix(b []byte) []byte {
	const limit = 60
	if len(b) > limit {
		return b[:limit]
	}
	return b
}
