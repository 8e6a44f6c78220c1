package extension

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Event is what the Extensions API tells. What else it says is not read.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
type Event struct {
	EventType      string `json:"eventType"` // INVOKE or SHUTDOWN
	DeadlineMs     int64  `json:"deadlineMs"`
	RequestID      string `json:"requestId"`
	FunctionARN    string `json:"invokedFunctionArn"`
	ShutdownReason string `json:"shutdownReason"`
	Tracing        struct {
		Value string `json:"value"`
	} `json:"tracing"`
}

// maxAnswer is far above what the API answers.
const maxAnswer = 1 << 20

// api is a client of the Extensions API. It has one connection, and no http.Client:
// that costs 0.5 MB of binary, 0.1 ms of start and 0.9 MB of memory. It is not safe
// for concurrent use.
type api struct {
	address string
	conn    net.Conn // nil: not dialled
	reader  *bufio.Reader
	id      string        // from register
	within  time.Duration // how long a call may take; 0: as long as it does
}

// register asks for events in the name of an extension: the file's.
func (a *api) register(name string, events []string) error {
	body, err := json.Marshal(map[string][]string{"events": events})
	if err != nil {
		return err
	}
	head, _, err := a.call("POST", "/2020-01-01/extension/register", "Lambda-Extension-Name: "+name, body)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if a.id = head.Get("Lambda-Extension-Identifier"); a.id == "" {
		return fmt.Errorf("register: the answer has no Lambda-Extension-Identifier")
	}
	return nil
}

// next waits for the next event.
func (a *api) next() (e Event, err error) {
	_, body, err := a.call("GET", "/2020-01-01/extension/event/next", "Lambda-Extension-Identifier: "+a.id, nil)
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err != nil {
		return e, fmt.Errorf("next event: %w", err)
	}
	return e, nil
}

// maxSubscribe is how long the cold start may wait for a subscription.
const maxSubscribe = 500 * time.Millisecond

// subscribe asks the Telemetry API for platform events, to be posted to uri.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
func (a *api) subscribe(uri string) error {
	body, err := json.Marshal(map[string]any{
		"schemaVersion": "2025-01-29", // the one that Managed Instances have too
		"types":         []string{"platform"},
		"buffering":     map[string]int{"maxItems": 1000, "maxBytes": 256 << 10, "timeoutMs": 100},
		"destination":   map[string]string{"protocol": "HTTP", "URI": uri},
	})
	if err != nil {
		return err
	}
	a.within = maxSubscribe
	_, _, err = a.call("PUT", "/2022-07-01/telemetry", "Lambda-Extension-Identifier: "+a.id, body)
	a.within = 0
	return err
}

// call sends one request and reads its answer. header is a line.
func (a *api) call(method, path, header string, body []byte) (http.Header, []byte, error) {
	head, answer, err := a.try(method, path, header, body)
	if err != nil {
		a.hangUp()
	}
	return head, answer, err
}

func (a *api) try(method, path, header string, body []byte) (http.Header, []byte, error) {
	if a.conn == nil {
		conn, err := net.Dial("tcp", a.address)
		if err != nil {
			return nil, nil, err
		}
		a.conn, a.reader = conn, bufio.NewReader(conn)
	}
	var deadline time.Time
	if a.within > 0 {
		deadline = time.Now().Add(a.within)
	}
	_ = a.conn.SetDeadline(deadline) // a connection that has none fails at once
	var request bytes.Buffer
	fmt.Fprintf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, a.address, strings.ReplaceAll(header, "\n", ""), len(body), body)
	if _, err := a.conn.Write(request.Bytes()); err != nil {
		return nil, nil, err
	}
	answer, err := http.ReadResponse(a.reader, &http.Request{Method: method})
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", answer.Status, text)
	}
	if answer.Close {
		a.hangUp()
	}
	return answer.Header, text, err
}

func (a *api) hangUp() {
	if a.conn != nil {
		_ = a.conn.Close() // nothing more is expected of it
	}
	a.conn, a.reader = nil, nil
}
