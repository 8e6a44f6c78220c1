package xray

import (
	"cmp"
	"math"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
)

type serviceGraphInput struct {
	timeRange
	GroupName, GroupARN, NextToken string
}

type serviceGraphOutput struct {
	StartTime                float64
	EndTime                  float64
	Services                 []Service
	ContainsOldGroupVersions bool
	NextToken                string `json:",omitempty"`
}

func (a *api) serviceGraph(in serviceGraphInput) (serviceGraphOutput, error) {
	if err := in.check(); err != nil {
		return serviceGraphOutput{}, err
	}
	by, err := a.groupFilter(in.GroupName, in.GroupARN)
	if err != nil {
		return serviceGraphOutput{}, err
	}
	services, next, err := pageOf(a.store.graph(in.StartTime, in.EndTime, false, by).services(), in.NextToken)
	return serviceGraphOutput{StartTime: in.StartTime, EndTime: in.EndTime, Services: services, NextToken: next}, err
}

type timeSeriesInput struct {
	timeRange
	GroupName, GroupARN      string
	EntitySelectorExpression string
	Period                   int // seconds
	ForecastStatistics       bool
	NextToken                string
}

type timeSeriesOutput struct {
	TimeSeriesServiceStatistics []timeSeriesStatistics
	ContainsOldGroupVersions    bool
	NextToken                   string `json:",omitempty"`
}

type timeSeriesStatistics struct {
	Timestamp                float64
	EdgeSummaryStatistics    *SummaryStatistics `json:",omitempty"`
	ServiceSummaryStatistics *SummaryStatistics `json:",omitempty"`
	ResponseTimeHistogram    []HistogramEntry
}

// timeSeries counts by periods of whole minutes what an entity did: a service or an
// edge, as in service("orders") and edge("orders", "prices"); without a selector
// all entry points together.
func (a *api) timeSeries(in timeSeriesInput) (timeSeriesOutput, error) {
	if err := in.check(); err != nil {
		return timeSeriesOutput{}, err
	}
	by, err := a.groupFilter(in.GroupName, in.GroupARN)
	if err != nil {
		return timeSeriesOutput{}, err
	}
	selector, err := filter.ParseSelector(in.EntitySelectorExpression)
	if err != nil {
		return timeSeriesOutput{}, operation.Invalidf("EntitySelectorExpression: %v", err)
	}
	if in.Period < 0 || in.Period > 86400 {
		return timeSeriesOutput{}, operation.Invalidf("Period: 60 to 86400 seconds, got %d", in.Period)
	}
	period := int64(max((in.Period+59)/60, 1)) // minutes
	edge := selector != nil && selector.Edge
	var out []timeSeriesStatistics
	var sum *stats
	for _, m := range a.store.series(in.StartTime, in.EndTime, false, by) {
		at := float64(m.minute-floorMod(m.minute, period)) * 60
		if n := len(out); n == 0 || out[n-1].Timestamp != at {
			if n > 0 {
				out[n-1].set(sum, edge)
			}
			out, sum = append(out, timeSeriesStatistics{Timestamp: at}), &stats{}
		}
		m.sum.selected(selector, sum)
	}
	if n := len(out); n > 0 {
		out[n-1].set(sum, edge)
	}
	page, next, err := pageOf(out, in.NextToken)
	return timeSeriesOutput{TimeSeriesServiceStatistics: page, NextToken: next}, err
}

func floorMod(a, b int64) int64 { return a - int64(math.Floor(float64(a)/float64(b)))*b }

func (t *timeSeriesStatistics) set(s *stats, edge bool) {
	t.ResponseTimeHistogram = s.times.entries()
	if edge {
		t.EdgeSummaryStatistics = s.summary()
	} else {
		t.ServiceSummaryStatistics = s.summary()
	}
}

// selected adds what the selected entities did.
func (a *aggregate) selected(selector *filter.Selector, to *stats) {
	switch {
	case selector == nil:
		to.addAll(&a.traces)
	case selector.Edge:
		for name, e := range a.edges {
			if !name.link && selector.MatchEdge(name.from.Value().name, name.from.Value().typ, name.to.Value().name, name.to.Value().typ) {
				to.addAll(&e.calls)
			}
		}
	default:
		for n, sum := range a.nodes {
			if n.Value().typ != typeClient && selector.Match(n.Value().name, n.Value().typ) {
				to.addAll(&sum.response)
			}
		}
	}
}

type groupsInput struct{ NextToken string }

type groupsOutput struct {
	Groups    []Group
	NextToken string `json:",omitempty"`
}

func (a *api) getGroups(in groupsInput) (groupsOutput, error) {
	page, next, err := pageOf(a.store.groups(), in.NextToken)
	return groupsOutput{page, next}, err
}

type groupInput struct{ GroupName, GroupARN, FilterExpression string }

type groupOutput struct{ Group Group }

func (a *api) getGroup(in groupInput) (groupOutput, error) {
	g, known := a.store.group(in.GroupName, in.GroupARN)
	if !known {
		return groupOutput{}, operation.Invalidf("there is no group %s", cmp.Or(in.GroupName, in.GroupARN))
	}
	return groupOutput{g}, nil
}

func (a *api) createGroup(in groupInput) (groupOutput, error) {
	if in.GroupName == "" || len(in.GroupName) > 32 {
		return groupOutput{}, operation.Invalidf("GroupName: 1 to 32 characters are needed")
	}
	if _, known := a.store.group(in.GroupName, ""); known {
		return groupOutput{}, operation.Invalidf("there is a group %s already", in.GroupName)
	}
	return a.putGroup(in)
}

func (a *api) updateGroup(in groupInput) (groupOutput, error) {
	g, known := a.store.group(in.GroupName, in.GroupARN)
	if !known || g.GroupName == defaultGroup {
		return groupOutput{}, operation.Invalidf("there is no group %s to change", cmp.Or(in.GroupName, in.GroupARN))
	}
	in.GroupName = g.GroupName
	return a.putGroup(in)
}

func (a *api) putGroup(in groupInput) (groupOutput, error) {
	by, err := parseFilter(in.FilterExpression)
	if err != nil {
		return groupOutput{}, err
	}
	g := newGroup(in.GroupName, by, in.FilterExpression)
	if !a.store.setGroup(g) {
		return groupOutput{}, operation.Invalidf("there are %d groups already", maxGroups)
	}
	return groupOutput{g}, nil
}

func (a *api) deleteGroup(in groupInput) (struct{}, error) {
	g, known := a.store.group(in.GroupName, in.GroupARN)
	if !known || g.GroupName == defaultGroup {
		return struct{}{}, operation.Invalidf("there is no group %s to delete", cmp.Or(in.GroupName, in.GroupARN))
	}
	a.store.deleteGroup(g.GroupName)
	return struct{}{}, nil
}

type insightsOutput struct{ InsightSummaries []struct{} }

// insightSummaries: there are no insights here.
func (a *api) insightSummaries(struct{}) (insightsOutput, error) {
	return insightsOutput{InsightSummaries: []struct{}{}}, nil
}

type encryptionOutput struct {
	EncryptionConfig struct{ Status, Type string }
}

func (a *api) encryptionConfig(struct{}) (out encryptionOutput, err error) {
	out.EncryptionConfig.Status, out.EncryptionConfig.Type = "ACTIVE", "NONE"
	return out, nil
}
