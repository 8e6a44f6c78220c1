package otlpjson

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// text reads a string, or null.
func (d *decoder) text() (string, error) {
	switch d.peek() {
	case '"':
		s, err := d.str()
		if d.own {
			s = strings.Clone(s)
		}
		return s, err
	case 'n':
		return "", d.literal("null")
	}
	return "", d.wrong("a string")
}

func (d *decoder) boolean() (bool, error) {
	switch d.peek() {
	case 't':
		return true, d.literal("true")
	case 'f', 'n':
		word := "false"
		if d.isNull() {
			word = "null"
		}
		return false, d.literal(word)
	}
	return false, d.wrong("true or false")
}

// numeral returns the text of a number, or of a string that may hold one; "" and
// true for null.
func (d *decoder) numeral() (s string, isNull bool, err error) {
	switch c := d.peek(); {
	case c == '"':
		s, err = d.str()
	case c == 'n':
		return "", true, d.literal("null")
	case c == '-' || '0' <= c && c <= '9':
		s, err = d.number()
	default:
		err = d.skip() // it has to be a value of some kind
	}
	return s, false, err
}

// integer reads a number, or a string that holds one, from lowest to highest.
func (d *decoder) integer(lowest, highest int64) (int64, error) {
	start := d.at
	s, isNull, err := d.numeral()
	if err != nil || isNull {
		return 0, err
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil && strings.ContainsAny(s, ".eE") { // 1e9 and 1.0 are integers too
		if f, bad := strconv.ParseFloat(s, 64); bad == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			i, err = int64(f), nil
		}
	}
	if err != nil || i < lowest || i > highest {
		d.at = start
		return 0, d.wrong(fmt.Sprintf("an integer from %d to %d", lowest, highest))
	}
	return i, nil
}

// double reads a number, or a string that holds one or names what JSON has no
// number for.
func (d *decoder) double() (float64, error) {
	start := d.at
	quoted := d.peek() == '"'
	s, isNull, err := d.numeral()
	if err != nil || isNull {
		return 0, err
	}
	if quoted {
		switch s {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.Trim(s, "+-.0123456789eE") != "" { // ParseFloat knows more forms
		d.at = start
		return 0, d.wrong(`a number, "NaN", "Infinity" or "-Infinity"`)
	}
	return f, nil
}
