package mapping

import (
	"strings"
	"testing"
)

func TestWithoutValues(t *testing.T) {
	for _, c := range []struct{ system, query, want string }{
		{"mongodb", `{"find":"users","filter":{"email":"a@b.c","age":{"$gt":30}},"$db":"shop"}`, `{"find":"users","filter":{"email":"?","age":{"$gt":"?"}},"$db":"?"}`},
		{"mongodb", `{"find":"s3cret"}`, `{"find":"?"}`},
		{"mongodb", `{"email":"s3cret","find":"s3cret","n":null,"ok":true}`, `{"email":"?","find":"?","n":null,"ok":true}`},
		{"mongodb", `find users {"_id": ObjectId("5f84"), name: /s3c ret/i, tags: ["a", 'b'], n: -1.5e3, x: s3cret}`, `find users {"_id": ObjectId("?"), name: "?", tags: ["?", "?"], n: "?", x: "?"}`},
		{"mongodb", `aggregate orders [{'$match': {'email': 's3cret\'s', 'ok': True}}]`, `aggregate orders [{'$match': {'email': "?", 'ok': True}}]`},
		{"elasticsearch", `{"query":{"match":{"title":"s3cret"}},"size":10}`, `{"query":{"match":{"title":"?"}},"size":"?"}`},
		{"elasticsearch", "{\"index\":{\"_id\":\"1\"}}\n{\"name\":\"s3cret\"}\n", "{\"index\":{\"_id\":\"?\"}}\n{\"name\":\"?\"}\n"},
		{"opensearch", `GET /orders/_search?q=s3cret {"a":1}`, `GET /orders/_search? {"a":"?"}`},
		{"elasticsearch", `{"cut":"s3cr`, `{"cut":"?"`},
		{"", `{"a":"s3cret"}`, `{"a":"?"}`},
		{"dynamodb", `SELECT * FROM orders WHERE id = 's3cret'`, `SELECT * FROM orders WHERE id = ?`},
		{"cassandra", `SELECT * FROM "Orders" WHERE id = 's3cret'`, `SELECT * FROM "Orders" WHERE id = ?`},
		{"redis", "SET session:42 s3cret EX 60", "SET session:? ?"},
		{"redis", "HMSET myhash field1 'Hello' field2 'World'", "HMSET myhash ?"},
		{"redis", "GET spring:session:sessions:9f8a7c6b", "GET spring:session:sessions:?"},
		{"redis", "AUTH default s3cret", "AUTH ?"},
		{"redis", "auth s3cret\nget user:1\nmget a b", "auth ?\nget user:?\nmget a ?"},
		{"redis", "set k line one\ns3cret two\nget x", "set k ?\n?"},
		{"redis", "set k one\nsecret two", "set k ?\n?"},
		{"redis", "FT.SEARCH idx s3cret", "FT.SEARCH ?"},
		{"redis", "SET ? ?", "SET ? ?"},
		{"redis", "ping", "ping"},
		{"memcached", "get users:1", "get users:?"},
		{"redis", "", ""},
		{"cassandra", " SELECT 5", " SELECT ?"},
		{"mongodb", `{"a":"s3cret"} find orders`, `{"a":"?"} find orders`},
		{"mongodb", `{a: /s3cret/`, `{a: "?"`},
	} {
		if got := withoutValues(c.query, c.system); got != c.want {
			t.Errorf("%s: %s\n got %q\nwant %q", c.system, c.query, got, c.want)
		}
	}
}

// FuzzWithoutValues holds that no value of a document and no argument of a command
// is left, whatever stands before it.
func FuzzWithoutValues(f *testing.F) {
	f.Add(`{"a":1`, "mongodb")
	f.Add("set k 'v", "redis")
	f.Fuzz(func(t *testing.T, before, system string) {
		quoted := strings.NewReplacer(`\`, "", `"`, "", "'", "", "`", "", "/", "").Replace(before)
		if got := withoutMembers(`{"k":"`+quoted+`s3cret1"}`, system == "mongodb"); strings.Contains(got, "s3cret1") {
			t.Errorf("%q is left of a value", got)
		}
		if got := withoutArguments("set k " + before + " s3cret1"); strings.Contains(got, "s3cret1") {
			t.Errorf("%q is left of an argument", got)
		}
		withoutMembers(before, true)
	})
}
