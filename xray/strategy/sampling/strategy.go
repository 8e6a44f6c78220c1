package sampling

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	rules "github.com/lambdaxray/lambdaxray/exporter/sampling"
	"github.com/lambdaxray/lambdaxray/xray/daemoncfg"
	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
)

// LocalizedStrategy decides by rules in the program's own file.
type LocalizedStrategy struct {
	manifest *RuleManifest
}

// NewLocalizedStrategy samples the first request of each second and 5 % of the
// others.
func NewLocalizedStrategy() (*LocalizedStrategy, error) {
	return NewLocalizedStrategyFromJSONBytes(nil)
}

// NewLocalizedStrategyFromFilePath reads the rules from a file.
func NewLocalizedStrategyFromFilePath(fp string) (*LocalizedStrategy, error) {
	b, err := os.ReadFile(fp)
	if err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	if err := check(b); err != nil {
		return nil, err
	}
	return NewLocalizedStrategyFromJSONBytes(b)
}

// NewLocalizedStrategyFromJSONBytes reads the rules from b; empty is those of
// [NewLocalizedStrategy]. The error names what is wrong with them.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-go-configuration.html
func NewLocalizedStrategyFromJSONBytes(b []byte) (*LocalizedStrategy, error) {
	if len(b) == 0 {
		b = []byte(defaultRules)
	}
	m, err := ManifestFromJSONBytes(b)
	if err != nil {
		return nil, err
	}
	return &LocalizedStrategy{m}, nil
}

// ShouldTrace decides by the first rule that matches. What is empty in the request
// matches every rule.
func (s *LocalizedStrategy) ShouldTrace(request *Request) *Decision {
	if request == nil {
		request = &Request{}
	}
	for _, r := range s.manifest.Rules {
		if r.AppliesTo(request.Host, request.URL, request.Method) {
			return r.Sample()
		}
	}
	return s.manifest.Default.Sample()
}

// CentralizedStrategy decides by the rules of the account, which it gets from the
// X-Ray daemon, and until there are any by local ones. It starts no goroutine that
// stays; see package exporter/sampling.
type CentralizedStrategy struct {
	local []byte

	mu       sync.Mutex
	daemon   string                      // host:port of its TCP socket; "": AWS_XRAY_DAEMON_ADDRESS
	samplers map[string]sdktrace.Sampler // by service name and type, which rules match too
}

// maxServices is how many services one process may be: a namer that takes any host
// for a name must not have a sampler, and calls to the daemon, for each.
const maxServices = 32

// NewCentralizedStrategy has the local rules of [NewLocalizedStrategy].
func NewCentralizedStrategy() (*CentralizedStrategy, error) {
	return NewCentralizedStrategyWithJSONBytes(nil)
}

// NewCentralizedStrategyWithFilePath reads the local rules from a file.
func NewCentralizedStrategyWithFilePath(fp string) (*CentralizedStrategy, error) {
	b, err := os.ReadFile(fp)
	if err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	if err := check(b); err != nil {
		return nil, err
	}
	return NewCentralizedStrategyWithJSONBytes(b)
}

// NewCentralizedStrategyWithJSONBytes reads the local rules from b. The error
// names what is wrong with them, or with AWS_XRAY_DAEMON_ADDRESS.
func NewCentralizedStrategyWithJSONBytes(b []byte) (*CentralizedStrategy, error) {
	if _, err := rules.New(nil, rules.WithLocalRules(b)); err != nil {
		return nil, err
	}
	return &CentralizedStrategy{local: b, samplers: map[string]sdktrace.Sampler{}}, nil
}

// check refuses an empty file, which is none.
func check(b []byte) error {
	if !json.Valid(b) {
		return fmt.Errorf("sampling: rules: %q is not JSON", string(b[:min(len(b), 40)]))
	}
	return nil
}

// LoadDaemonEndpoints says where the daemon is.
func (s *CentralizedStrategy) LoadDaemonEndpoints(endpoints *daemoncfg.DaemonEndpoints) {
	if endpoints == nil || endpoints.TCPAddr == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := endpoints.TCPAddr.String(); a != s.daemon {
		s.daemon = a
		clear(s.samplers)
	}
}

// ShouldTrace decides. It does not wait for the daemon.
func (s *CentralizedStrategy) ShouldTrace(request *Request) *Decision {
	if request == nil {
		request = &Request{}
	}
	sampler, err := s.samplerOf(request)
	if err != nil { // the options were good when the strategy was made
		logger.Errorf("sampling: %v; sampled", err)
		return &Decision{Sample: true}
	}
	return ask(sampler, request)
}

func (s *CentralizedStrategy) samplerOf(request *Request) (sdktrace.Sampler, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := request.ServiceName
	key := request.ServiceType + " " + name
	if sampler, ok := s.samplers[key]; ok {
		return sampler, nil
	}
	if len(s.samplers) >= maxServices {
		key, name = request.ServiceType, ""
		if sampler, ok := s.samplers[key]; ok {
			return sampler, nil
		}
	}
	sampler, err := rules.New(resource.NewSchemaless(describe(name, request.ServiceType)...),
		rules.WithLocalRules(s.local), rules.WithDaemonAddress(s.daemon))
	if err != nil {
		return nil, err
	}
	s.samplers[key] = sampler
	return sampler, nil
}

// platforms are what a resource says of the origins that the plugins know.
var platforms = map[string]string{
	"AWS::EC2::Instance":                 "aws_ec2",
	"AWS::ECS::Container":                "aws_ecs",
	"AWS::ElasticBeanstalk::Environment": "aws_elastic_beanstalk",
}

func describe(name, origin string) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if name != "" {
		attrs = append(attrs, attribute.String("service.name", name))
	}
	if p := platforms[origin]; p != "" {
		attrs = append(attrs, attribute.String("cloud.provider", "aws"), attribute.String("cloud.platform", p))
	}
	return attrs
}

// ask puts a request to a sampler as the span that it would become.
func ask(sampler sdktrace.Sampler, request *Request) *Decision {
	if request == nil {
		request = &Request{}
	}
	p := sdktrace.SamplingParameters{ParentContext: context.Background(), Name: request.ServiceName}
	rand.Read(p.TraceID[:]) // the rate goes by it; never fails
	for _, a := range [...]struct {
		key attribute.Key
		v   string
	}{
		{"http.request.method", request.Method},
		{"http.host", request.Host},
		{"url.path", request.URL},
	} {
		if a.v != "" {
			p.Attributes = append(p.Attributes, a.key.String(a.v))
		}
	}
	return &Decision{Sample: sampler.ShouldSample(p).Decision == sdktrace.RecordAndSample}
}
