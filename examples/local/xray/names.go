package xray

import (
	"strings"
	"unique"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// node is what makes two requests belong to one node of the service graph.
type node = unique.Handle[nodeName]

type nodeName struct{ name, typ string }

// nodeID is the node's identity on the page: see [PageNode].
func (n nodeName) id() string { return n.typ + " " + n.name }

// Types of nodes that are no origin of a segment.
const (
	typeClient = "client"
	typeRemote = "remote"
)

func intern(s string) string {
	if s == "" {
		return ""
	}
	return unique.Make(s).Value()
}

// inferredNode returns the node that a call makes, and the name of the segment that
// stands for it: the node is called after the table or the bucket, the segment
// after the service.
func inferredNode(d *segment.Document) (n nodeName, service string) {
	if d.Namespace != "aws" {
		return nodeName{d.Name, typeRemote}, d.Name
	}
	service = mapping.ServiceName(d.Name)
	typ := "AWS::" + strings.ReplaceAll(service, " ", "")
	if table := oneString(d.AWS["table_name"], d.AWS["table_names"]); table != "" {
		return nodeName{table, typ + "::Table"}, service
	}
	if bucket := oneString(d.AWS["bucket_name"]); bucket != "" {
		return nodeName{bucket, typ + "::Bucket"}, service
	}
	return nodeName{service, typ}, service
}

// oneString returns the first value that is a string or a list of just one.
func oneString(values ...any) string {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if v != "" {
				return v
			}
		case []any:
			if len(v) == 1 {
				if s := oneString(v[0]); s != "" {
					return s
				}
			}
		}
	}
	return ""
}
