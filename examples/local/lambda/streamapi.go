package lambda

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// stream answers InvokeWithResponseStream: pieces of the response as they come, or
// one piece if the function does not stream, and an event that says how it ended.
//
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
func (a *InvokeAPI) stream(w http.ResponseWriter, r *http.Request, req Request) {
	t, err := ParseTrace(req.TraceHeader)
	if err != nil { // it was parsed before
		fail(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	h := w.Header()
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("Content-Type", "application/vnd.amazon.eventstream")
	setTraceID(w, t)
	control := http.NewResponseController(w)
	encoder := eventstream.NewEncoder()
	send := func(event, contentType string, payload []byte) {
		// The caller may be gone; the function runs to its end all the same.
		_ = encoder.Encode(w, eventstream.Message{
			Headers: eventstream.Headers{
				{Name: ":message-type", Value: eventstream.StringValue("event")},
				{Name: ":event-type", Value: eventstream.StringValue(event)},
				{Name: ":content-type", Value: eventstream.StringValue(contentType)},
			},
			Payload: payload,
		})
		_ = control.Flush()
	}
	var mu sync.Mutex // a function that is out of time may go on sending
	streamed, ended := false, false
	req.Stream = func(piece []byte) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			streamed = true
			send("PayloadChunk", "application/octet-stream", piece)
		}
	}
	o, err := a.Platform.callIn(a.Life, t, req)
	mu.Lock()
	defer mu.Unlock()
	ended = true
	var end struct {
		ErrorCode    string `json:",omitempty"`
		ErrorDetails string `json:",omitempty"`
		LogResult    string `json:",omitempty"`
	}
	switch {
	case err != nil:
		end.ErrorCode, end.ErrorDetails = "ServiceException", "the local Lambda is ending"
	case o.FunctionError != "":
		end.ErrorCode, end.ErrorDetails = o.FunctionError, string(o.ErrorObject)
	case !streamed:
		send("PayloadChunk", "application/octet-stream", o.Payload)
	}
	if err == nil && r.Header.Get("X-Amz-Log-Type") == "Tail" {
		end.LogResult = base64.StdEncoding.EncodeToString(o.logResult())
	}
	text, _ := json.Marshal(end) // strings
	send("InvokeComplete", "application/json", text)
	if err == nil {
		a.Traced("Streaming call", o)
	}
}
