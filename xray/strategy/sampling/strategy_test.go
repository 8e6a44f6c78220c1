package sampling

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const rulesFile = `{"version": 2, "default": {"fixed_target": 0, "rate": 0},
	"rules": [{"host": "api.*", "http_method": "GET", "url_path": "/all/*", "fixed_target": 0, "rate": 1}]}`

func TestLocalizedStrategy(t *testing.T) {
	name := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(name, []byte(rulesFile), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := NewLocalizedStrategyFromFilePath(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		request Request
		want    bool
	}{
		{Request{Host: "api.example.com", Method: "get", URL: "/all/7"}, true},
		{Request{Host: "www.example.com", Method: "GET", URL: "/all/7"}, false},
		{Request{Host: "api.example.com", Method: "POST", URL: "/all/7"}, false},
		{Request{ServiceName: "job"}, true}, // what is not known fits
	} {
		if got := s.ShouldTrace(&test.request).Sample; got != test.want {
			t.Errorf("%+v: %v", test.request, got)
		}
	}
}

func TestDefault(t *testing.T) {
	for name, s := range map[string]Strategy{"localized": must(NewLocalizedStrategy())(t), "centralized": centralized(t)} {
		if !s.ShouldTrace(&Request{ServiceName: "svc"}).Sample {
			t.Errorf("%s: the first of a second is not sampled", name)
		}
		sampled := 0
		for range 1000 {
			if s.ShouldTrace(&Request{ServiceName: "svc"}).Sample {
				sampled++
			}
		}
		if sampled > 200 {
			t.Errorf("%s: %d of 1000 sampled, want about 50", name, sampled)
		}
	}
}

func must(s *LocalizedStrategy, err error) func(*testing.T) Strategy {
	return func(t *testing.T) Strategy {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// centralized has nobody to ask.
func centralized(t *testing.T) Strategy {
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:1")
	s, err := NewCentralizedStrategy()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "is not JSON"},
		{`{"version": 3}`, "version"},
		{`{"version": 2}`, "default"},
		{`{"version": 2, "default": {"rate": 2}}`, "rate"},
	} {
		if _, err := ManifestFromJSONBytes([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.text, err)
		}
	}
	if _, err := NewCentralizedStrategyWithFilePath("/does/not/exist"); err == nil {
		t.Error("no error for a file that is not there")
	}
}
