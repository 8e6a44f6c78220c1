package xrayapi

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// CredentialsError says that there were no credentials to sign a call with. Its
// cause may be another service's answer, as that of STS or of an instance's
// metadata; it is none of X-Ray's.
type CredentialsError struct {
	Sources []aws.CredentialSource // where the client looks for them, as far as it says
	Err     error
}

// Error says why there are no credentials.
func (e *CredentialsError) Error() string { return "no credentials: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

var errNoProvider = errors.New("the client has no credentials provider")

// source is the client's credentials provider. A generation is the time between
// two invalidations.
type source struct {
	provider aws.CredentialsProvider

	mu         sync.Mutex
	generation uint64
}

// option has a call's credentials come from s, and notes their generation.
func (s *source) option(generation *uint64) func(*xray.Options) {
	return func(o *xray.Options) { o.Credentials = &retrieval{s, generation} }
}

// refresh drops credentials that X-Ray calls expired or wrong, so that the next
// call fetches new ones even if their own expiry lies ahead. Of calls that were
// signed with the same ones only the first does.
func (s *source) refresh(generation uint64) {
	c, ok := s.provider.(interface{ Invalidate() })
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if generation == s.generation {
		s.generation++
		c.Invalidate()
	}
}

// retrieval is the source of one call's credentials.
type retrieval struct {
	source     *source
	generation *uint64
}

// Retrieve returns the credentials, or a CredentialsError.
func (r *retrieval) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if r.source.provider == nil {
		return aws.Credentials{}, &CredentialsError{Err: errNoProvider}
	}
	r.source.mu.Lock()
	*r.generation = r.source.generation
	r.source.mu.Unlock()
	c, err := r.source.provider.Retrieve(ctx)
	if err != nil {
		return c, &CredentialsError{Sources: r.ProviderSources(), Err: err}
	}
	return c, nil
}

// ProviderSources returns where the provider looks; the SDK puts it into the
// user agent.
func (r *retrieval) ProviderSources() []aws.CredentialSource {
	if p, ok := r.source.provider.(aws.CredentialProviderSource); ok {
		return p.ProviderSources()
	}
	return nil
}
