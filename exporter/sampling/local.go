package sampling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// localRules is the X-Ray SDKs' file of sampling rules.
type localRules struct {
	Version int
	Default *localRule
	Rules   []*localRule
}

type localRule struct {
	ServiceName string `json:"service_name"` // version 1's name for the host
	Host        string
	HTTPMethod  string  `json:"http_method"`
	URLPath     string  `json:"url_path"`
	FixedTarget float64 `json:"fixed_target"` // requests a second, a whole number: 1 or 1.0
	Rate        float64 // of those beyond
}

// parseLocalRules returns the rules of a file, the last of which is its default
// and matches everything. Without a text they are the X-Ray SDKs' own: one a
// second and 5 %.
func parseLocalRules(text []byte) ([]rule, error) {
	file := localRules{Version: 2, Default: &localRule{FixedTarget: 1, Rate: 0.05}}
	if len(text) > 0 {
		file = localRules{}
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // an editor's byte order mark
		if err := json.Unmarshal(text, &file); err != nil {
			if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
				err = fmt.Errorf("%s is %s, want %s, at byte %d", strings.ToLower(wrong.Field), wrong.Value, kindOf(wrong.Type), wrong.Offset)
			}
			return nil, fmt.Errorf("local rules: %w", err)
		}
		if err := file.check(); err != nil {
			return nil, fmt.Errorf("local rules: %w", err)
		}
	}
	var rules []rule
	for _, r := range file.Rules {
		host := r.Host
		if file.Version == 1 {
			host = r.ServiceName
		}
		rules = append(rules, r.rule(r.HTTPMethod, host, r.URLPath))
	}
	return append(rules, file.Default.rule("*", "*", "*")), nil
}

// kindOf says in words of JSON what a field takes.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// rule returns a rule whose quota never ends.
func (l *localRule) rule(method, host, path string) rule {
	return rule{
		span:   pattern{any: true},
		method: newPattern(method),
		host:   newPattern(host),
		path:   newPattern(path),
		reservoir: &reservoir{
			quota:      int(l.FixedTarget),
			quotaUntil: forever,
			rate:       newRate(l.Rate),
		},
	}
}

// check holds the file against what the X-Ray SDKs demand of it.
func (f *localRules) check() error {
	if f.Version != 1 && f.Version != 2 {
		return fmt.Errorf("version is %d, want 1 or 2", f.Version)
	}
	if f.Default == nil {
		return fmt.Errorf("default is missing, want fixed_target and rate")
	}
	if d := f.Default; d.ServiceName != "" || d.Host != "" || d.HTTPMethod != "" || d.URLPath != "" {
		return fmt.Errorf("default has a pattern, but it matches everything; want fixed_target and rate only")
	}
	if err := f.Default.check("default"); err != nil {
		return err
	}
	for i, r := range f.Rules {
		name := fmt.Sprintf("rules[%d]", i)
		if r == nil {
			return fmt.Errorf("%s is null", name)
		}
		host, other := [2]string{"host", r.Host}, [2]string{"service_name", r.ServiceName}
		if f.Version == 1 {
			host, other = other, host
		}
		if other[1] != "" {
			return fmt.Errorf("%s.%s has no meaning in version %d, want %s", name, other[0], f.Version, host[0])
		}
		for _, field := range [][2]string{host, {"http_method", r.HTTPMethod}, {"url_path", r.URLPath}} {
			if field[1] == "" {
				return fmt.Errorf("%s.%s is missing; * matches everything", name, field[0])
			}
		}
		if err := r.check(name); err != nil {
			return err
		}
	}
	return nil
}

func (l *localRule) check(name string) error {
	if t := l.FixedTarget; t < 0 || t > math.MaxInt32 || t != math.Trunc(t) {
		return fmt.Errorf("%s.fixed_target is %s, want a whole number of requests a second", name, strconv.FormatFloat(t, 'f', -1, 64))
	}
	if l.Rate < 0 || l.Rate > 1 {
		return fmt.Errorf("%s.rate is %v, want a number from 0 to 1", name, l.Rate)
	}
	return nil
}
