package xrayapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// call uploads the pending ones of docs, again and again until all of them are
// taken or refused, or the retryer or the context ends it.
func (e *Emitter) call(ctx context.Context, docs [][]byte, pending []int) []Failure {
	var final []Failure
	release := func(error) error { return nil }
	for attempt := 1; ; attempt++ {
		a := e.try(ctx, docs, pending)
		_ = release(a.err) // a token of the retryer's quota, given back after a success
		switch {
		case a.err == nil && len(a.unprocessed) == 0:
			return final
		case a.err == nil:
			e.stats.unprocessed.Add(uint64(len(a.unprocessed)))
			s := sortOut(docs, pending, a.unprocessed)
			final = append(final, s.refused...)
			if len(s.doubtful) > 0 {
				// Halved until each answer is about one document.
				return append(final, e.halves(ctx, docs, append(s.doubtful, s.pending()...))...)
			}
			if len(s.temporary) == 0 {
				return final
			}
			if release = e.wait(ctx, attempt, s.temporary[0].Err, &a); release == nil {
				return append(final, s.temporary...)
			}
			pending = s.pending()
			continue
		case a.status() == http.StatusRequestEntityTooLarge && len(pending) > 1:
			return append(final, e.halves(ctx, docs, pending)...)
		}
		if !e.again(&a) {
			return append(final, a.failure(pending))
		}
		if release = e.wait(ctx, attempt, a.err, &a); release == nil {
			return append(final, a.failure(pending))
		}
	}
}

// halves uploads pending in two calls, or one document in a call of its own.
func (e *Emitter) halves(ctx context.Context, docs [][]byte, pending []int) []Failure {
	if len(pending) == 1 {
		return e.call(ctx, docs, pending)
	}
	slices.Sort(pending)
	half := len(pending) / 2
	first := e.call(ctx, docs, slices.Clone(pending[:half]))
	return append(first, e.call(ctx, docs, slices.Clone(pending[half:]))...)
}

// again reports whether a call that failed is made again here, after a short
// wait. Whatever else is temporary takes longer to get better.
func (e *Emitter) again(a *attempt) bool {
	switch {
	case !a.temporary:
		return false
	case a.status() == 0:
		return a.code == CodeTimeout || a.code == CodeConnection
	case expiredCodes[a.code] || signatureCodes[a.code]:
		return true // with credentials fetched anew
	}
	return temporaryStatus(a.status()) || temporaryCode(a.code)
}

// try makes one call, when there is a slot for it.
func (e *Emitter) try(ctx context.Context, docs [][]byte, pending []int) attempt {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		a := attempt{err: ctx.Err()}
		a.classify(ctx, e.config.finalDenials)
		return a
	}
	a := e.put(ctx, docs, pending)
	if a.err != nil {
		a.classify(ctx, e.config.finalDenials)
		if expiredCodes[a.code] || signatureCodes[a.code] {
			e.credentials.refresh(a.generation)
		}
	}
	if e.config.attempt != nil {
		e.config.attempt(Attempt{Documents: len(pending), Unprocessed: len(a.unprocessed), Code: a.code, Err: a.err})
	}
	return a
}

// put makes one call.
func (e *Emitter) put(ctx context.Context, docs [][]byte, pending []int) attempt {
	e.stats.calls.Add(1)
	if e.config.attemptTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.config.attemptTimeout)
		defer cancel()
	}
	release, err := e.retryer.GetAttemptToken(ctx)
	if err != nil {
		return attempt{err: err}
	}
	b := newBody(docs, pending)
	defer b.free()
	var a attempt
	// The input has no documents: they are in the body. It has a list of them
	// because one without is refused.
	out, err := e.client.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{}},
		b.option, a.answer.option, e.credentials.option(&a.generation), func(o *xray.Options) {
			o.Retryer = aws.NopRetryer{} // the loop is call's, with the client's retryer
		})
	if err == nil && a.answer.read == 0 {
		err = errEmptyAnswer
	}
	_ = release(err) // the retryer's quota grows with every success
	a.err = err
	if err == nil {
		a.unprocessed = out.UnprocessedTraceSegments
	}
	return a
}

// attempt is what came of one call.
type attempt struct {
	err         error
	unprocessed []types.UnprocessedTraceSegment
	answer      answer
	generation  uint64 // of the credentials that signed it

	code      string // of err
	temporary bool
}

// status is that of the answer, 0 if none came.
func (a *attempt) status() int { return a.answer.status }

// failure says of the pending documents why they were not taken.
func (a *attempt) failure(pending []int) Failure {
	return Failure{
		Documents: slices.Clone(pending), Count: len(pending),
		Code: a.code, Temporary: a.temporary, Err: a.err,
	}
}

// wait lets the time pass that the client's retryer wants between attempts. It
// returns what releases the retryer's token, nil if there is to be no other
// attempt.
func (e *Emitter) wait(ctx context.Context, attempt int, cause error, a *attempt) func(error) error {
	if limit := e.retryer.MaxAttempts(); limit > 0 && attempt >= limit {
		return nil
	}
	release, err := e.retryer.GetRetryToken(ctx, cause)
	if err != nil {
		return nil
	}
	delay, err := e.retryer.RetryDelay(attempt, cause)
	if err != nil || sleep(ctx, a.answer.retryAfter(delay)) != nil {
		return nil
	}
	return release
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryerV2 is what the SDK makes of an older retryer.
func retryerV2(r aws.Retryer) aws.RetryerV2 {
	if v2, ok := r.(aws.RetryerV2); ok {
		return v2
	}
	return olderRetryer{r}
}

type olderRetryer struct{ aws.Retryer }

func (r olderRetryer) GetAttemptToken(context.Context) (func(error) error, error) {
	return r.GetInitialToken(), nil
}
