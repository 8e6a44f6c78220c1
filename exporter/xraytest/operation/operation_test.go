package operation

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	type input struct{ Name string }
	type output struct{ Greeting any }
	h := Handler(func(in input) (output, error) {
		switch in.Name {
		case "":
			return output{}, Invalidf("Name: at least %d letter is needed", 1)
		case "broken":
			return output{}, errors.New("disk full")
		case "no JSON":
			return output{math.NaN()}, nil
		}
		return output{"hello " + in.Name}, nil
	})
	for _, test := range []struct {
		name, body string
		status     int
		errorType  string
		answer     string // is in it
	}{
		{"good", `{"Name":"ada"}`, 200, "", `{"Greeting":"hello ada"}`},
		{"no body", "", 400, "InvalidRequestException", "at least 1 letter"},
		{"no JSON", "{", 400, "SerializationException", "unexpected end"},
		{"another type", `{"Name":1}`, 400, "SerializationException", "Name"},
		{"its own error", `{"Name":"broken"}`, 500, "InternalFailure", "disk full"},
		{"an output that is no JSON", `{"Name":"no JSON"}`, 500, "InternalFailure", "NaN"},
		{"too long", `{"Name":"` + strings.Repeat("x", maxRequest) + `"}`, 400, "InvalidRequestException", "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h(w, httptest.NewRequest(http.MethodPost, "/X", strings.NewReader(test.body)))
			if w.Code != test.status || w.Header().Get("X-Amzn-Errortype") != test.errorType || !strings.Contains(w.Body.String(), test.answer) {
				t.Errorf("%d %q %s", w.Code, w.Header().Get("X-Amzn-Errortype"), w.Body)
			}
		})
	}
}
