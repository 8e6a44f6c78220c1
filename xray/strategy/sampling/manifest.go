package sampling

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	rules "github.com/lambdaxray/lambdaxray/exporter/sampling"
	"github.com/lambdaxray/lambdaxray/xray/pattern"
)

// defaultRules are the SDK's own.
const defaultRules = `{"version": 2, "default": {"fixed_target": 1, "rate": 0.05}}`

// RuleManifest is a file of local rules.
type RuleManifest struct {
	Version int     `json:"version"` // 1 or 2
	Default *Rule   `json:"default"` // for what no other matches
	Rules   []*Rule `json:"rules"`
}

// Properties is what a rule matches and what it does.
type Properties struct {
	ServiceName string  `json:"service_name"` // version 1's name for the host
	Host        string  `json:"host"`
	HTTPMethod  string  `json:"http_method"`
	URLPath     string  `json:"url_path"`
	FixedTarget int64   `json:"fixed_target"` // requests a second
	Rate        float64 `json:"rate"`         // of those beyond, from 0 to 1
}

// AppliesTo reports whether a request matches; what is empty always does.
func (p *Properties) AppliesTo(host, path, method string) bool {
	return (host == "" || pattern.WildcardMatchCaseInsensitive(p.Host, host)) &&
		(path == "" || pattern.WildcardMatchCaseInsensitive(p.URLPath, path)) &&
		(method == "" || pattern.WildcardMatchCaseInsensitive(p.HTTPMethod, method))
}

// Rule is a local rule. Sample is safe for concurrent use.
type Rule struct {
	*Properties

	mu        sync.Mutex
	reservoir Reservoir
}

// Sample decides about a request that the rule applies to.
func (r *Rule) Sample() *Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reservoir.size = r.FixedTarget
	return &Decision{Sample: r.reservoir.Take() || rand.Float64() < r.Rate}
}

// Reservoir is a number of requests a second. It is not safe for concurrent use.
type Reservoir struct {
	size, used, second int64
}

// Take takes one and reports whether there was one.
func (r *Reservoir) Take() bool {
	if now := time.Now().Unix(); now != r.second {
		r.second, r.used = now, 0
	}
	if r.used >= r.size {
		return false
	}
	r.used++
	return true
}

// ManifestFromFilePath reads a file of local rules.
func ManifestFromFilePath(fp string) (*RuleManifest, error) {
	b, err := os.ReadFile(fp)
	if err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	return ManifestFromJSONBytes(b)
}

// ManifestFromJSONBytes reads local rules. The error names what is wrong with them.
func ManifestFromJSONBytes(b []byte) (*RuleManifest, error) {
	if err := check(b); err != nil {
		return nil, err
	}
	if _, err := rules.NewLocal(b); err != nil { // what it demands of a file is what the SDKs do
		return nil, err
	}
	m := &RuleManifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("sampling: rules: %w", err)
	}
	if m.Version == 1 {
		for _, r := range m.Rules {
			r.Host, r.ServiceName = r.ServiceName, ""
		}
	}
	return m, nil
}
