package xrayapi

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// call uploads docs[start:end], again and again until all of them are taken or
// refused, or the retryer or the context ends it.
func (e *Emitter) call(ctx context.Context, docs [][]byte, start, end int) []Failure {
	pending := make([]int, 0, end-start)
	for i := start; i < end; i++ {
		pending = append(pending, i)
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return []Failure{newFailure(pending, ctx.Err())}
	}

	var final []Failure
	for attempt := 1; ; attempt++ {
		unprocessed, err := e.put(ctx, docs, pending)
		if err != nil {
			if expired(err) {
				e.refreshCredentials()
			}
			if e.again(err) && e.wait(ctx, attempt, err) == nil {
				continue
			}
			return append(final, newFailure(pending, err))
		}
		if len(unprocessed) == 0 {
			return final
		}
		e.stats.unprocessed.Add(uint64(len(unprocessed)))
		refused, again := examine(docs, pending, unprocessed)
		final = append(final, refused...)
		if len(again) == 0 {
			return final
		}
		if e.wait(ctx, attempt, again[0].Err) != nil {
			return append(final, again...)
		}
		pending = pending[:0]
		for _, f := range again {
			pending = append(pending, f.Documents...)
		}
		slices.Sort(pending)
	}
}

// again reports whether a call that failed is to be made again here. What the
// retryer calls retryable, the SDK has tried as often as it may. It does not
// know that expired credentials have just been dropped, nor a throttling or half
// an answer without a code.
func (e *Emitter) again(err error) bool {
	if e.retryer.IsErrorRetryable(err) {
		return false
	}
	_, temporary := classify(err)
	return temporary && answerStatus(err) != 0
}

// put makes one call.
func (e *Emitter) put(ctx context.Context, docs [][]byte, pending []int) ([]types.UnprocessedTraceSegment, error) {
	e.stats.calls.Add(1)
	b := newBody(docs, pending)
	defer b.free()
	// The input has no documents: they are in the body. It has a list of them
	// because one without is refused.
	out, err := e.client.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{}}, b.option)
	if err != nil {
		return nil, err
	}
	return out.UnprocessedTraceSegments, nil
}

// examine sorts what X-Ray left unprocessed into what it refused and what may
// be taken later. An answer names documents by their segment's id, or by none
// where X-Ray found none to read.
func examine(docs [][]byte, pending []int, unprocessed []types.UnprocessedTraceSegment) (refused, again []Failure) {
	ids := make(map[string][]int, len(pending)) // id -> documents, in order
	for _, d := range pending {
		id := segmentID(docs[d])
		ids[id] = append(ids[id], d)
	}
	for _, u := range unprocessed {
		if len(refused)+len(again) == len(pending) {
			break // an answer that names more documents than there are
		}
		id := aws.ToString(u.Id)
		f := Failure{
			Count: 1,
			ID:    id,
			Code:  aws.ToString(u.ErrorCode),
			Err:   &smithy.GenericAPIError{Code: aws.ToString(u.ErrorCode), Message: aws.ToString(u.Message)},
		}
		if f.Code == "" {
			f.Code = "Unprocessed"
		}
		found, known := ids[id]
		switch {
		case known && id != "" && len(found) == 0: // a second reason for the same document
			continue
		case len(found) > 0:
			f.Documents = found[:1:1]
			ids[id] = found[1:]
		case len(pending) == 1:
			f.Documents = pending[:1:1]
		}
		f.Temporary = temporaryCode(f.Code) && len(f.Documents) > 0
		if f.Temporary {
			again = append(again, f)
		} else {
			refused = append(refused, f)
		}
	}
	return refused, again
}

// segmentID returns the id of a document, "" if it has none to read.
func segmentID(doc []byte) string {
	var head struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(doc, &head) != nil {
		return ""
	}
	return head.ID
}

// wait lets the time pass that the client's retryer wants between attempts. It
// returns an error if there is to be no other.
func (e *Emitter) wait(ctx context.Context, attempt int, cause error) error {
	if limit := e.retryer.MaxAttempts(); limit > 0 && attempt >= limit {
		return cause
	}
	// The token is not given back: the quota refills with the calls that
	// succeed.
	if _, err := e.retryer.GetRetryToken(ctx, cause); err != nil {
		return err
	}
	delay, err := e.retryer.RetryDelay(attempt, cause)
	if err != nil {
		return err
	}
	return sleep(ctx, delay)
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

// refreshCredentials drops the credentials that X-Ray calls expired, so that
// the next call fetches new ones even if their own expiry lies ahead.
func (e *Emitter) refreshCredentials() {
	if c, ok := e.client.Options().Credentials.(interface{ Invalidate() }); ok {
		c.Invalidate()
	}
}
