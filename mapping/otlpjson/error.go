package otlpjson

import (
	"fmt"
	"strconv"
	"strings"
)

// fieldError says what was expected where. Its path is put together on the way out,
// so that what can be read does not pay for it.
type fieldError struct {
	want, have string
	path       []string // innermost first
}

func (e *fieldError) Error() string {
	var where strings.Builder
	for i := len(e.path) - 1; i >= 0; i-- {
		part := e.path[i]
		if where.Len() > 0 && part[0] != '[' {
			where.WriteByte('.')
		}
		where.WriteString(part)
	}
	if where.Len() == 0 {
		return fmt.Sprintf("want %s, have %s", e.want, e.have)
	}
	return fmt.Sprintf("%s: want %s, have %s", where.String(), e.want, e.have)
}

// under says that err is of the member key.
func under(key string, err error) error {
	if e, ok := err.(*fieldError); ok {
		e.path = append(e.path, key)
	}
	return err
}

// element says that err is of the i-th element.
func element(i int, err error) error {
	if e, ok := err.(*fieldError); ok {
		e.path = append(e.path, "["+strconv.Itoa(i)+"]")
	}
	return err
}

// place completes the path of err by the entry that is read.
func (d *decoder) place(err *fieldError) error {
	for i := d.level - 1; i >= 0; i-- {
		_ = under([...]string{"resourceSpans", "scopeSpans", "spans"}[i], element(d.entry[i], err))
	}
	if d.document > 1 {
		_ = under(fmt.Sprintf("document %d", d.document), err)
	}
	return err
}

func absent(want string) error { return &fieldError{want: want, have: "nothing"} }

// wrong says what was expected instead of the value at hand.
func (d *decoder) wrong(want string) error {
	const most = 60 // bytes of the value that help to find it
	have := ""
	start := d.at
	switch c := d.peek(); c {
	case 'n':
		have = "nothing"
	case '{':
		have = "an object"
	case '[':
		have = "a list"
	case '"':
		s, err := d.str()
		if err != nil {
			return err
		}
		have = strconv.Quote(s[:min(len(s), most)])
	default:
		d.space()
		from := d.at
		if err := d.skip(); err != nil {
			return err
		}
		have = d.data[from:d.at]
		have = have[:min(len(have), most)]
	}
	d.at = start
	return &fieldError{want: want, have: strings.Clone(have)}
}
