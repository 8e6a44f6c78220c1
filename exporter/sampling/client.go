package sampling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	callTimeout = 5 * time.Second
	maxAnswer   = 4 << 20 // bytes
	maxPages    = 100
	maxReports  = 25 // statistics a call, by the API's model
)

// The API's types. Numbers are all floating point, because some forwarders write
// whole ones so.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingRules.html and
// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html
type (
	getRulesInput struct {
		NextToken string `json:",omitempty"`
	}
	getRulesOutput struct {
		SamplingRuleRecords []samplingRuleRecord
		NextToken           string
	}
	samplingRuleRecord struct{ SamplingRule *samplingRule }
	samplingRule       struct {
		RuleName      string
		Version       float64
		Priority      float64
		FixedRate     float64
		ReservoirSize float64
		ServiceName   string
		ServiceType   string
		ResourceARN   string
		HTTPMethod    string
		Host          string
		URLPath       string
		Attributes    map[string]string
	}
	getTargetsInput struct {
		SamplingStatisticsDocuments []samplingStatistics
	}
	samplingStatistics struct {
		RuleName     string
		ClientID     string
		Timestamp    int64 // seconds since 1970
		RequestCount int
		SampledCount int
		BorrowCount  int
	}
	getTargetsOutput struct {
		SamplingTargetDocuments []samplingTarget
		UnprocessedStatistics   []unprocessedStatistics
		LastRuleModification    float64
	}
	samplingTarget struct {
		RuleName          string
		FixedRate         *float64
		ReservoirQuota    *float64
		ReservoirQuotaTTL float64 // seconds since 1970
		Interval          float64 // seconds
		SamplingBoost     *struct{ BoostRate, BoostRateTTL float64 }
	}
	unprocessedStatistics struct{ RuleName, ErrorCode, Message string }
)

// client makes X-Ray's two calls.
type client struct {
	http http.Client
	url  *url.URL
}

// newTransport returns a transport of our own: the default one may be traced, which
// would end in a circle; a proxy of the environment is not for the daemon; and a
// connection that is kept keeps two goroutines.
func newTransport() http.RoundTripper { return &http.Transport{DisableKeepAlives: true} }

// rules returns the records of all pages.
func (c *client) rules() ([]samplingRuleRecord, error) {
	var records []samplingRuleRecord
	var in getRulesInput
	for range maxPages {
		var out getRulesOutput
		if _, err := c.call("GetSamplingRules", in, &out); err != nil {
			return nil, err
		}
		if out.SamplingRuleRecords == nil {
			return nil, errors.New("the answer has no SamplingRuleRecords")
		}
		records = append(records, out.SamplingRuleRecords...)
		if out.NextToken == "" {
			return records, nil
		}
		in.NextToken = out.NextToken
	}
	return nil, fmt.Errorf("more than %d pages", maxPages)
}

// targets reports statistics. The time is X-Ray's.
func (c *client) targets(reports []samplingStatistics) (getTargetsOutput, time.Time, error) {
	var out getTargetsOutput
	date, err := c.call("SamplingTargets", getTargetsInput{reports}, &out)
	if err == nil && out.SamplingTargetDocuments == nil {
		err = errors.New("the answer has no SamplingTargetDocuments")
	}
	return out, date, err
}

// call posts in and reads the answer into out. It returns the time of the answer
// by the clock of whoever wrote it.
func (c *client) call(path string, in, out any) (time.Time, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return time.Time{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok { // its text repeats the URL
			err = ue.Err
		}
		return time.Time{}, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return time.Time{}, err
	case resp.StatusCode != http.StatusOK:
		return time.Time{}, fmt.Errorf("%s: %.200q", resp.Status, answer)
	case len(answer) > maxAnswer:
		return time.Time{}, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return time.Time{}, fmt.Errorf("the answer %.200q: %w", answer, err)
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		date = time.Now()
	}
	return date, nil
}
