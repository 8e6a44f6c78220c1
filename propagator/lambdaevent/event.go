package lambdaevent

import "math"

// Event is what an invocation's event says about where it came from. The zero value
// is an event of unknown source.
//
// It shares the memory of the JSON it was parsed from, and so do its carriers and
// messages: they are valid as long as that is not changed. Strings are copies.
// Methods read only the parts they need, each time they are called, and may be
// called concurrently.
type Event struct {
	Source Source

	json []byte
	seen fieldSet // the members it has
	has  fieldSet // those whose value is of the kind that a source sends
	at   [fieldsRead]extent
}

// extent is where the value of a member lies in an event.
type extent struct{ start, end int32 }

// Parse looks at an invocation's event once and says what it is. It does not
// allocate, does not check the JSON in full, and stops as soon as the source is
// sure: a batch of records is recognised by its first one, and of an API Gateway or
// function URL event the body is not read where, as they send it, it comes last.
// A list is taken for what a pipe of EventBridge or a batching AppSync resolver
// sends. What is neither, or what no source sends, is an event of [SourceUnknown].
func Parse(event []byte) Event {
	if len(event) > math.MaxInt32 { // Lambda's own limit is 6 MB
		return Event{json: event}
	}
	if first := openArray(event); first.next() {
		return parseList(event, first.rest())
	}
	return parseObject(event)
}

func parseObject(event []byte) Event {
	e := Event{json: event}
	for o := openObject(event); o.next(); {
		f, kind := fieldOf(o.key)
		switch f {
		case noField:
			continue
		case fieldRecords:
			if e.Source = e.batchSource(o.rest()); e.Source != SourceUnknown {
				e.at[f] = extent{int32(len(event) - len(o.rest())), int32(len(event))}
				return e
			}
		case fieldBody:
			if e.Source = e.sourceBeforeBody(); e.Source != SourceUnknown {
				return e
			}
			continue
		}
		start := int32(len(event) - len(o.rest()))
		value := o.value()
		e.seen |= 1 << f
		e.has &^= 1 << f
		if kind == aValue || len(value) > 0 && value[0] == kind && string(value) != `""` {
			e.has |= 1 << f
		}
		if f < fieldsRead {
			e.at[f] = extent{start, start + int32(len(value))}
		}
	}
	e.Source = e.objectSource()
	return e
}

// parseList reads what is a list at its top; first is the text from its first
// element on.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
// and https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-lambda-resolvers.html
func parseList(event, first []byte) Event {
	e := Event{json: event, Source: recordSource(first)}
	if e.Source != SourceUnknown {
		e.at[fieldRecords] = extent{0, int32(len(event))}
		return e
	}
	if e := parseObject(first); e.Source == SourceAppSync {
		return e
	}
	return e
}

// raw returns the raw JSON of a member, nil if the event has none.
func (e *Event) raw(f field) []byte { return e.json[e.at[f].start:e.at[f].end] }

// hasAll reports whether the event has all of a set, each of its kind.
func (e *Event) hasAll(s fieldSet) bool { return e.has&s == s }

// Trigger returns the value of faas.trigger; see [Source.Trigger].
func (e Event) Trigger() string { return e.Source.Trigger() }

// SourceARN returns the ARN of what sent the event, as far as the event names it: the
// queue, topic, stream, cluster, broker or bucket, the load balancer's or VPC
// Lattice's target group, the EventBridge rule or first resource, the state machine,
// the method or route that an authorizer is asked about, the access point, the
// alarm, the Config rule, the provisioning template, the stack. Otherwise it is "".
func (e Event) SourceARN() string {
	switch e.Source {
	case SourceSQS, SourceKinesis, SourceDynamoDB, SourceKafka, SourceMQ, SourceDocumentDB, SourceCodeCommit:
		if arn := text(e.raw(fieldEventSourceARN)); arn != "" {
			return arn
		}
		arns := members(e.firstRecord(), "eventSourceARN", "eventSourceArn")
		if arns[0] == nil {
			arns[0] = arns[1]
		}
		return text(arns[0])
	case SourceSNS:
		return text(member(member(e.firstRecord(), "Sns"), "TopicArn"))
	case SourceS3:
		return text(member(member(member(e.firstRecord(), "s3"), "bucket"), "arn"))
	case SourceS3Batch:
		return text(member(firstOf(e.raw(fieldTasks)), "s3BucketArn"))
	case SourceS3ObjectLambda:
		return text(member(e.raw(fieldConfiguration), "accessPointArn"))
	case SourceALB:
		return text(member(member(e.raw(fieldRequestContext), "elb"), "targetGroupArn"))
	case SourceVPCLattice:
		return text(member(e.raw(fieldRequestContext), "targetGroupArn"))
	case SourceEventBridge, SourceSchedule:
		return text(firstOf(e.raw(fieldResources)))
	case SourceStepFunctions:
		return text(member(e.raw(fieldStateMachine), "Id"))
	case SourceAuthorizer:
		if arn := text(e.raw(fieldMethodARN)); arn != "" {
			return arn
		}
		return text(e.raw(fieldRouteARN))
	case SourceFirehose:
		return text(e.raw(fieldDeliveryStreamARN))
	case SourceAlarm:
		return text(e.raw(fieldAlarmARN))
	case SourceConfig:
		return text(e.raw(fieldConfigRuleARN))
	case SourceIoT:
		return text(e.raw(fieldTemplateARN))
	case SourceCloudFormation:
		return text(e.raw(fieldStackID))
	default:
		return ""
	}
}
