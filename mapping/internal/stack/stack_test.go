package stack

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wantException is an exception with its frames in place, as tests read it.
type wantException struct {
	typ, message string
	cause        bool
	truncated    int
	text         string
	frames       []Frame
}

func exceptionsOf(s *Stack) []wantException {
	var out []wantException
	for _, x := range s.Exceptions {
		w := wantException{x.Type, x.Message, x.Caused, x.Truncated, x.Text, nil}
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

func testStack(t *testing.T, lang Language, cases []stackCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s Stack
			s.Add(lang, c.typ, c.message, c.text)
			if diff := cmp.Diff(c.want, exceptionsOf(&s), cmp.AllowUnexported(wantException{}, Frame{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// allStacks are the cases of every language, as seeds and for what holds of all.
var allStacks = map[Language][]stackCase{
	Go:     goStacks,
	Java:   javaStacks,
	Python: pythonStacks,
	Node:   nodeStacks,
	DotNet: dotNetStacks,
	PHP:    phpStacks,
	Ruby:   rubyStacks,
	Rust:   rustStacks,
}

func TestLanguageOf(t *testing.T) {
	for name, want := range map[string]Language{
		"go": Go, "java": Java, "python": Python, "nodejs": Node, "webjs": Node,
		"dotnet": DotNet, "php": PHP, "ruby": Ruby, "rust": Rust,
		"erlang": Unknown, "Go": Unknown, "": Unknown,
	} {
		if got := LanguageOf(name); got != want {
			t.Errorf("LanguageOf(%q) = %d, want %d", name, got, want)
		}
	}
}

// A resource without a language gives the same frames: the first case of each
// language is typical of it.
func TestStackOfUnknownLanguage(t *testing.T) {
	for lang, cases := range allStacks {
		t.Run(cases[0].name, func(t *testing.T) {
			if got := sniff(cases[0].text); got != lang {
				t.Errorf("sniff = %d, want %d", got, lang)
			}
			testStack(t, Unknown, cases[:1])
		})
	}
	if got := sniff("A: m\n\tat A.A() in /a.cs:line 1"); got != DotNet {
		t.Errorf("sniff of frames behind a tab = %d, want %d", got, DotNet)
	}
	testStack(t, Unknown, []stackCase{{
		name: "no known Language", typ: "T", message: "m", text: "** (RuntimeError) oops\n    app.ex:3: App.f/1",
		want: []wantException{{typ: "T", message: "m", text: "** (RuntimeError) oops\n    app.ex:3: App.f/1"}},
	}})
}

// Several exception events of one span stand side by side, uncaused.
func TestStackOfSeveralEvents(t *testing.T) {
	var s Stack
	s.Add(Go, "A", "a", "Caused by: B: b")
	s.Add(Java, "C", "c", "")
	s.Add(Java, "D", "d", "D: d\n\tat x.Y.z(Y.java:1)")
	want := []wantException{
		{typ: "A", message: "a", cause: true},
		{typ: "B", message: "b"},
		{typ: "C", message: "c"},
		{typ: "D", message: "d", frames: []Frame{{"Y.java", "x.Y.z", 1}}},
	}
	if diff := cmp.Diff(want, exceptionsOf(&s), cmp.AllowUnexported(wantException{}, Frame{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Reset()
	if len(s.Exceptions) != 0 || len(s.frames) != 0 {
		t.Errorf("reset leaves %d exceptions, %d frames", len(s.Exceptions), len(s.frames))
	}
}

func TestStackLimits(t *testing.T) {
	var text strings.Builder
	text.WriteString("E: m\n")
	for range maxFrames + 7 {
		text.WriteString("\tat a.B.c(B.java:1)\n")
	}
	text.WriteString("\t... 3 more\n")
	for range maxExceptions + 2 {
		text.WriteString("Caused by: F: n\n")
	}
	var s Stack
	s.Add(Java, "", "", text.String())
	if got, want := len(s.Exceptions), maxExceptions; got != want {
		t.Errorf("%d exceptions, want %d", got, want)
	}
	if x := s.Exceptions[0]; x.end-x.first != maxFrames || x.Truncated != 10 {
		t.Errorf("%d frames and %d truncated, want %d and 10", x.end-x.first, x.Truncated, maxFrames)
	}
	if got, want := s.Exceptions[maxExceptions-1].Text, strings.Repeat("Caused by: F: n\n", 3); got != want {
		t.Errorf("the exceptions above the limit are kept as %q, want %q", got, want)
	}

	text.Reset()
	text.WriteString("E: m\n")
	for range maxExceptions {
		text.WriteString("\tSuppressed: F: n\n\t\tSuppressed: G: o\n")
	}
	s.Reset()
	s.Add(Java, "", "", text.String())
	if got, want := s.Exceptions[maxExceptions-1].Text, "\tSuppressed: F: n\n\t\tSuppressed: G: o\n"; len(s.Exceptions) != maxExceptions || got != want {
		t.Errorf("%d exceptions, and the suppressed ones above the limit are kept as %q, want %q", len(s.Exceptions), got, want)
	}
}

// A frame that cannot stand with the others of its exception is counted.
func TestStackFramesAreContiguous(t *testing.T) {
	var s Stack
	s.Add(DotNet, "T", "m", "T: m\n   at A.A()\n ---> U: n\n   at B.B()\n   --- End of inner exception stack trace ---\n   at C.C()\n")
	want := []wantException{
		{typ: "T", message: "m", truncated: 1, frames: []Frame{{"", "A.A()", 0}}},
		{typ: "U", message: "n", frames: []Frame{{"", "B.B()", 0}}},
	}
	if diff := cmp.Diff(want, exceptionsOf(&s), cmp.AllowUnexported(wantException{}, Frame{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]int{"": 0, "x": 0, "12": 12, "12x": 12, "999999999": 999999999, "1000000000": 0, "99999999999999999999999": 0} {
		if got := number(s); got != want {
			t.Errorf("number(%q) = %d, want %d", s, got, want)
		}
	}
}

// FuzzStack holds for every language what the mapper relies on.
func FuzzStack(f *testing.F) {
	for lang, cases := range allStacks {
		for _, c := range cases {
			f.Add(uint8(lang), c.text)
		}
	}
	f.Fuzz(func(t *testing.T, lang uint8, text string) {
		var s Stack
		s.Add(Language(lang%uint8(Document+1)), "type", "message", text)
		if n := len(s.Exceptions); n == 0 || n > maxExceptions {
			t.Fatalf("%d exceptions", n)
		}
		frames := 0
		for i, x := range s.Exceptions {
			if n := x.end - x.first; n < 0 || n > maxFrames || x.Truncated < 0 || x.end > len(s.frames) {
				t.Fatalf("exception %d: frames [%d:%d], %d truncated", i, x.first, x.end, x.Truncated)
			}
			frames += x.end - x.first
		}
		if frames != len(s.frames) {
			t.Fatalf("%d frames of %d belong to an exception", frames, len(s.frames))
		}
		if s.Exceptions[len(s.Exceptions)-1].Caused {
			t.Fatal("the last exception has a cause that is not there")
		}
		if s.Exceptions[0].Type != "type" || s.Exceptions[0].Message != "message" {
			t.Fatalf("the text replaced what the event says: %+v", s.Exceptions[0])
		}
		if len(s.Exceptions) == 1 && frames == 0 && s.Exceptions[0].Text != text {
			t.Fatalf("text without frames is lost: %q", s.Exceptions[0].Text)
		}
	})
}

func TestStackAllocations(t *testing.T) {
	var s Stack
	run := func() {
		s.Reset()
		for lang, cases := range allStacks {
			for i := range cases {
				s.Add(lang, "T", "m", cases[i].text)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations in a reused stack, want 0", n)
	}
}

func BenchmarkStack(b *testing.B) {
	goStack := "goroutine 34 [running]:\n" + strings.Repeat("main.(*handler).price(0xc0000b4000, {0x9d3e58, 0xc0000b2030}, {0xc0000a6018, 0x8})\n\t/var/task/main.go:87 +0x1d3\n", 8)
	for _, c := range []struct {
		name   string
		lang   Language
		text   string
		frames int
	}{
		{"Go8", Go, goStack, 8},
		{"GoRecordError", Go, goRecordError, 3},
		{"Java", Java, javaStacks[0].text, 3},
		{"Node", Node, nodeStacks[0].text, 2},
		{"Python", Python, pythonStacks[0].text, 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			var s Stack
			s.Add(c.lang, "T", "m", c.text)
			if len(s.frames) != c.frames {
				b.Fatalf("%d frames, want %d", len(s.frames), c.frames)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Reset()
				s.Add(c.lang, "T", "m", c.text)
			}
		})
	}
}
