package xraytest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const testClient = "0123456789abcdef01234567"

func postSampling(t *testing.T, url, body string, out any) int {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return resp.StatusCode
}

func TestSamplingRules(t *testing.T) {
	rules := NewSamplingRules(
		SamplingRule{RuleName: "orders", Priority: 10, FixedRate: 0.5, ReservoirSize: 3, URLPath: "/orders*", Attributes: map[string]string{"tenant": "a*"}},
		SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 0.05, ReservoirSize: 1},
	)
	api := NewAPI(WithSamplingRules(rules))
	for side, url := range map[string]string{
		"API":    api.Start(t),
		"daemon": "http://" + NewDaemon(t, WithSamplingRules(rules)).Addr(),
	} {
		t.Run(side, func(t *testing.T) {
			var got getSamplingRulesOutput
			if status := postSampling(t, url+"/GetSamplingRules", `{}`, &got); status != 200 || len(got.SamplingRuleRecords) != 2 {
				t.Fatalf("%d %+v", status, got)
			}
			want := SamplingRule{RuleName: "orders", Priority: 10, FixedRate: 0.5, ReservoirSize: 3, ServiceName: "*", ServiceType: "*",
				Host: "*", HTTPMethod: "*", URLPath: "/orders*", ResourceARN: "*", Version: 1, Attributes: map[string]string{"tenant": "a*"}}
			if diff := cmp.Diff(want, got.SamplingRuleRecords[0].SamplingRule); diff != "" {
				t.Error(diff)
			}
			before, more := rules.Statistics()
			var targets samplingTargetsOutput
			status := postSampling(t, url+"/SamplingTargets", `{"SamplingStatisticsDocuments":[
				{"RuleName":"orders","ClientID":"`+testClient+`","Timestamp":1.5,"RequestCount":7,"SampledCount":3,"BorrowCount":1},
				{"RuleName":"gone","ClientID":"`+testClient+`","Timestamp":1.5,"RequestCount":1,"SampledCount":1}]}`, &targets)
			if status != 200 || len(targets.SamplingTargetDocuments) != 1 || targets.LastRuleModification != got.SamplingRuleRecords[0].ModifiedAt {
				t.Fatalf("%d %+v", status, targets)
			}
			if d := targets.SamplingTargetDocuments[0]; d.FixedRate != 0.5 || *d.ReservoirQuota != 3 || d.Interval != 10 {
				t.Errorf("%+v", d)
			}
			if u := targets.UnprocessedStatistics; len(u) != 1 || u[0].RuleName != "gone" || u[0].ErrorCode != "400" {
				t.Errorf("unprocessed %+v", u)
			}
			<-more
			after, _ := rules.Statistics()
			want2 := []SamplingStatistics{{"orders", testClient, 1.5, 7, 3, 1}}
			if diff := cmp.Diff(want2, after[len(before):]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSamplingTargets(t *testing.T) {
	rules := NewSamplingRules(SamplingRule{RuleName: "Default", Priority: 10000})
	rules.SetTargets(SamplingTarget{RuleName: "Default", FixedRate: 0.1, ReservoirQuota: 0, QuotaTTL: time.Hour,
		Interval: 3 * time.Second, BoostRate: 0.9, BoostTTL: time.Minute})
	url := "http://" + NewDaemon(t, WithSamplingRules(rules)).Addr()
	report := `{"SamplingStatisticsDocuments":[{"RuleName":"Default","ClientID":"` + testClient + `","Timestamp":1,"RequestCount":1,"SampledCount":1}]}`
	var first, second samplingTargetsOutput
	now := toEpoch(time.Now())
	postSampling(t, url+"/SamplingTargets", report, &first)
	d := first.SamplingTargetDocuments[0]
	if d.FixedRate != 0.1 || d.ReservoirQuota == nil || *d.ReservoirQuota != 0 || d.ReservoirQuotaTTL < now+3600 || d.Interval != 3 ||
		d.SamplingBoost == nil || d.SamplingBoost.BoostRate != 0.9 || d.SamplingBoost.BoostRateTTL < now+60 {
		t.Errorf("%+v", d)
	}
	rules.SetRules(SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 1})
	rules.SetTargets(SamplingTarget{RuleName: "Default"})
	postSampling(t, url+"/SamplingTargets", report, &second)
	if second.LastRuleModification <= first.LastRuleModification {
		t.Errorf("modified %v, then %v", first.LastRuleModification, second.LastRuleModification)
	}
	if d := second.SamplingTargetDocuments[0]; d.ReservoirQuota != nil || d.Interval != 0 || d.SamplingBoost != nil {
		t.Errorf("%+v has what was left out", d)
	}
}

func TestSamplingTargetsRefuses(t *testing.T) {
	url := "http://" + NewDaemon(t).Addr() + "/SamplingTargets"
	for name, document := range map[string]string{
		"RuleName":  `{"ClientID":"` + testClient + `","Timestamp":1}`,
		"ClientID":  `{"RuleName":"Default","ClientID":"ab","Timestamp":1}`,
		"Timestamp": `{"RuleName":"Default","ClientID":"` + testClient + `"}`,
		"counts":    `{"RuleName":"Default","ClientID":"` + testClient + `","Timestamp":1,"RequestCount":-1}`,
		"at most":   strings.Repeat(`{},`, 25) + `{}`,
	} {
		var out struct{ Message string }
		if status := postSampling(t, url, `{"SamplingStatisticsDocuments":[`+document+`]}`, &out); status != 400 || !strings.Contains(out.Message, name) {
			t.Errorf("%s: %d %q", name, status, out.Message)
		}
	}
}
