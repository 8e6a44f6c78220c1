package jsonenc

import (
	"encoding/json"
	"testing"
)

func TestContainers(t *testing.T) {
	dst := []byte{'{'}
	dst, all := OpenObject(dst, "all")
	dst, none := OpenObject(dst, "none")
	dst = none.Close(dst)
	dst, list := OpenList(dst, "list")
	for _, s := range []string{"a", "b"} {
		dst = AppendString(AppendComma(dst), s)
	}
	dst = list.Close(dst)
	dst, empty := OpenList(dst, "empty")
	dst = empty.Close(dst)
	dst = AppendIntMember(AppendStringMember(dst, "s", "\""), "n", -7)
	dst = AppendString(AppendForeignKey(dst, "\"\n"), "x")
	dst = append(all.Close(dst), '}')
	const want = `{"all":{"list":["a","b"],"s":"\"","n":-7,"\"\n":"x"}}`
	if string(dst) != want || !json.Valid(dst) {
		t.Errorf("got  %s\nwant %s", dst, want)
	}
	if got := string(AppendComma(nil)); got != "" {
		t.Errorf("a comma at the start: %q", got)
	}
}

func TestAppendCompact(t *testing.T) {
	for text, want := range map[string]string{
		"{ \"a b\" :\t[ 1 ,\r\n2 ] }\n":    `{"a b":[1,2]}`,
		`[ "a\"b ] ", "\\", " c" ]`:        `["a\"b ] ","\\"," c"]`,
		"[ \"ü\" , \"\x80\" , \"\xff \" ]": "[\"ü\",\"\ufffd\",\"\ufffd \"]",
		"":                                 "",
	} {
		if got := string(AppendCompact(nil, text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzAppendCompact(f *testing.F) {
	f.Add("{ \"a b\" : [ 1 ,\t\"\\\" \" ] }\n")
	f.Add("\"\xff\"")
	f.Add(`"\`)
	f.Fuzz(func(t *testing.T, text string) {
		got := AppendCompact(nil, text)
		if !json.Valid([]byte(text)) {
			return
		}
		var a, b any
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			return // a number too large
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
