package xray

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// filtered is a trace of 8 s: an ok front that calls a faulty back for 4 s.
func filtered(t *testing.T) *Store {
	return storeOf(t,
		doc("front", "1", "", 1, 9, `"user":"u-1","origin":"AWS::EC2::Instance","resource_arn":"arn:aws:x","aws":{"account_id":"1","ec2":{"instance_id":"i-1","availability_zone":"eu-west-1a"}}`,
			`"annotations":{"tier":"gold","n":3,"vip":true}`,
			`"http":{"request":{"url":"https://shop.example.com/orders","method":"GET"},"response":{"status":201}}`,
			nested(doc("sub:back.example.com", "2", "", 2, 6, remote, `"error":true,"cause":{"exceptions":[{"id":"1","type":"Timeout","message":"gone"}]}`))),
		doc("back", "3", "2", 3, 5, `"fault":true,"annotations":{"zone":"a"}`),
	)
}

func TestFilter(t *testing.T) {
	s := filtered(t)
	for name, expression := range map[string]string{"slow": "responsetime > 7", "faulty": "fault", "circular": `group.name = "circular"`} {
		f, err := filter.Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		s.setGroup(newGroup(name, f, expression))
	}
	for expression, want := range map[string]bool{
		"":                             true,
		"ok":                           true,
		"OK":                           true,
		"!ok":                          false,
		"not not ok":                   true,
		"fault":                        false,
		"fault = false":                true,
		"fault != true":                true,
		"error OR throttle OR partial": false,
		"responsetime > 7":             true,
		"responsetime >= 8":            true,
		"responsetime > 8":             false,
		"duration = 8":                 true,
		"responsetime < 1 OR duration > 1 AND ok":      true,
		"(responsetime < 1 OR duration > 1) AND fault": false,
		"http.status = 201":                            true,
		"http.status != 201":                           false,
		`http.url CONTAINS "/orders"`:                  true,
		`http.url BEGINSWITH "http://"`:                false,
		`http.url endswith "orders"`:                   true,
		`http.method = "GET"`:                          true,
		`http.useragent = ""`:                          false,
		`http.useragent CONTAINS ""`:                   false,
		`http.url CONTAINS ""`:                         true,
		// A word alone asks whether there is one; two terms are joined by AND.
		`http.url AND responseTime > 2`:                       true,
		`http.useragent`:                                      false,
		`!http.useragent`:                                     true,
		`http.status`:                                         true,
		`ok !partial duration <9`:                             true,
		`ok !partial duration <3`:                             false,
		`ok (fault OR ok) user`:                               true,
		`error OR ok fault`:                                   false,
		`inferred`:                                            false,
		`resource.arn CONTAINS "aws"`:                         true,
		`availabilityzone = "eu-west-1a"`:                     true,
		`availabilityzone`:                                    true,
		`instance.id = "i-1"`:                                 true,
		`account.id = "1"`:                                    true,
		`service("back") {root = true}`:                       false,
		`service("front") {root and ok}`:                      true,
		`service("front") {root = "true"}`:                    true,
		`group.name = "Default" AND user = "u-1"`:             true,
		`group.name = "slow"`:                                 true,
		`group.name = "slow" AND user = "ada"`:                false,
		`group.name = "faulty"`:                               false,
		`group.name = "circular"`:                             false,
		`group.arn CONTAINS ":group/slow/"`:                   true,
		`group.name`:                                          true,
		`name = front`:                                        true,
		`rootcause.fault.service { name = "back" }`:           false,
		`rootcause.error.entity { remote and last }`:          true,
		`rootcause.error.entity { first and name = "front" }`: true,
		`rootcause.error.entity { index > 1 }`:                false,
		`rootcause.error.exception { last and message = "gone" and name = "Timeout"}`:       true,
		`rootcause.error.exception { message = "x" }`:                                       false,
		`rootcause.fault.exception { last and message = "x" }`:                              false,
		`rootcause.responsetime.service { name = "front" and type = "AWS::EC2::Instance" }`: true,
		`rootcause.responsetime.service { last and name = "back" }`:                         true,
		`rootcause.responsetime.entity { remote and coverage = 0.5 }`:                       true,
		`rootcause.responsetime.entity { last and coverage > 0.8 }`:                         false,
		`rootcause.responsetime`: true,
		`rootcause.json = #[{"Services":[{"Name":"front","EntityPath":[{"Name":"front"},{"Name":"back.example.com"}]}]}]`: true,
		`rootcause.json = #[{"Services":[{"Name":"front","EntityPath":[{"Name":"front"},{"Name":"back"}]}]}]`:             false,
		`rootcause.json != #[{"Services":[{"Name":"front"}]}]`:                                                            false,
		`json = #{"Services":[{"Name":"nobody"}]}`:                                                                        false,
		`user = "u-1"`:                                           true,
		`user != "u-1"`:                                          false,
		`type = "AWS::EC2::Instance"`:                            true,
		`annotation.tier = "gold"`:                               true,
		`annotation[tier] = "gold"`:                              true,
		`annotation.tier BEGINSWITH "g"`:                         true,
		`annotation.tier < "h"`:                                  true,
		`annotation.tier = 3`:                                    false,
		`annotation.n > 2.5`:                                     true,
		`annotation.n = "3"`:                                     false,
		`annotation.vip = true`:                                  true,
		`annotation.vip != true`:                                 false,
		`annotation.zone = "a"`:                                  true,
		`annotation.zone`:                                        true,
		`!annotation.area`:                                       true,
		`service("front")`:                                       true,
		`service("middle")`:                                      false,
		`service("front") { fault }`:                             false,
		`service("back") { fault }`:                              true,
		`service() { fault AND responsetime = 2 }`:               true,
		`service("back") { annotation.tier }`:                    false,
		`service(id(name: "front", type: "AWS::EC2::Instance"))`: true,
		`service(id(name: "front", type: "AWS::Lambda"))`:        false,
		`service(id(account.id: "1"))`:                           true,
		`service(id(account.id: "2"))`:                           false,
		`edge("front", "back")`:                                  true,
		`edge("back", "front")`:                                  false,
		`edge("front", "back") { error }`:                        true,
		`edge("front", "back") { fault }`:                        false,
		`edge("front", "back") { responsetime = 4 }`:             true,
		`edge(id(name: "front"))`:                                true,
	} {
		t.Run(expression, func(t *testing.T) {
			f, err := filter.Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(s.TraceSummaries(zero, zero, f)) == 1; got != want {
				t.Errorf("matches: %v, want %v", got, want)
			}
		})
	}
}

func TestTraceSummary(t *testing.T) {
	got := filtered(t).TraceSummaries(zero, zero, nil)
	front := ServiceID{Name: "front", Names: []string{"front"}, Type: "AWS::EC2::Instance", AccountID: "1"}
	back := ServiceID{Name: "back", Names: []string{"back"}}
	of := func(v any, ids ...ServiceID) []AnnotationValue {
		return []AnnotationValue{{valueOf(v), ids}}
	}
	want := []TraceSummary{{
		ID: testTrace, StartTime: 1, Duration: 8, ResponseTime: 8,
		HTTP: HTTPSummary{URL: "https://shop.example.com/orders", Method: "GET", Status: 201},
		Annotations: map[string][]AnnotationValue{
			"tier": of("gold", front), "n": of(3.0, front), "vip": of(true, front), "zone": of("a", back),
		},
		Users:        []TraceUser{{"u-1", []ServiceID{front}}},
		ServiceIDs:   []ServiceID{front, back},
		ResourceARNs: []ResourceARN{{"arn:aws:x"}},
		InstanceIDs:  []InstanceID{{"i-1"}}, AvailabilityZones: []AvailabilityZone{{"eu-west-1a"}},
		EntryPoint: &front, MatchedEventTime: 1, Revision: 2,
		FaultRootCauses: []RootCause{},
		ErrorRootCauses: []RootCause{{Services: []RootCauseService{{
			Name: "front", Names: []string{"front"}, Type: "AWS::EC2::Instance", AccountID: "1",
			EntityPath: []RootCauseEntity{{Name: "front"}, {Name: "back.example.com", Remote: true, Exceptions: []RootCauseException{{"Timeout", "gone"}}}},
		}}}},
		ResponseTimeRootCauses: []RootCause{{ClientImpacting: true, Services: []RootCauseService{
			{Name: "front", Names: []string{"front"}, Type: "AWS::EC2::Instance", AccountID: "1", EntityPath: []RootCauseEntity{{Name: "front", Coverage: 1}, {Name: "back.example.com", Coverage: 0.5, Remote: true}}},
			{Name: "back", Names: []string{"back"}, EntityPath: []RootCauseEntity{{Name: "back", Coverage: 0.25}}},
		}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
