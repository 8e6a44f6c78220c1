package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wantException is an exception with its frames in place, as tests read it.
type wantException struct {
	typ, message string
	cause        bool
	truncated    int
	text         string
	frames       []frame
}

func exceptionsOf(s *stack) []wantException {
	var out []wantException
	for _, x := range s.exceptions {
		w := wantException{x.typ, x.message, x.cause, x.truncated, x.text, nil}
		if x.first != x.end {
			w.frames = s.frames[x.first:x.end]
		}
		out = append(out, w)
	}
	return out
}

// stackCase is a stack trace as an SDK records it.
type stackCase struct {
	name         string
	typ, message string // of the event
	text         string
	want         []wantException
}

func testStack(t *testing.T, lang language, cases []stackCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s stack
			s.add(lang, c.typ, c.message, c.text)
			if diff := cmp.Diff(c.want, exceptionsOf(&s), cmp.AllowUnexported(wantException{}, frame{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
