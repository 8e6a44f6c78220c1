package mapping_test

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// A connection string of any driver names the node database@host, and goes out
// without credentials: as url if it is one.
func TestConnections(t *testing.T) {
	for _, c := range []struct{ system, connection, name, url, place string }{
		{"mssql", `Server=tcp:db.example.com,1433;Database=shop;User Id=sa;Password=s3cret`, "shop@db.example.com", ``, `Server=tcp:db.example.com,1433;Database=shop`},
		{"mssql", `Data Source=db.example.com\SQLEXPRESS,1433;Initial Catalog=shop;User ID=sa;Password=s3cret;Encrypt=true`, "shop@db.example.com", ``, `Data Source=db.example.com\SQLEXPRESS,1433;Initial Catalog=shop`},
		{"mssql", `Driver={ODBC Driver 17 for SQL Server};Server=db.example.com;Database=shop;Uid=sa;Pwd={s3;cret};`, "shop@db.example.com", ``, `Server=db.example.com;Database=shop`},
		{"postgresql", `host=db.example.com port=5432 dbname=shop user=u password=s3cret sslmode=disable`, "shop@db.example.com", ``, `host=db.example.com port=5432 dbname=shop`},
		{"postgresql", `host='db.example.com' password='s3 cret' dbname='shop'`, "shop@db.example.com", ``, `host=db.example.com dbname=shop`},
		{"postgresql", `Host=db.example.com;Port=5432;Username=u;Password=s3cret;Database=shop`, "shop@db.example.com", ``, `Host=db.example.com;Port=5432;Database=shop`},
		{"mssql", `jdbc:sqlserver://db.example.com:1433;databaseName=shop;user=sa;password=s3cret`, "shop@db.example.com", `jdbc:sqlserver://db.example.com:1433`, ``},
		{"mssql", `jdbc:sqlserver://;serverName=db.example.com;databaseName=shop;user=sa;password=s3cret`, "shop@db.example.com", `jdbc:sqlserver://`, ``},
		{"postgresql", `jdbc:postgresql://db.example.com:5432/shop?user=u&password=s3cret`, "shop@db.example.com", `jdbc:postgresql://db.example.com:5432/shop`, ``},
		{"mysql", `jdbc:mysql://u:s3cret@db.example.com/shop`, "shop@db.example.com", `jdbc:mysql://db.example.com/shop`, ``},
		{"mysql", `jdbc:mysql://address=(host=db.example.com)(port=3306)(user=u)(password=s3cret)/shop`, "shop@db.example.com", `jdbc:mysql://db.example.com:3306/shop`, ``},
		{"mysql", `jdbc:mysql:loadbalance://h1,h2/shop?password=s3cret`, "shop@h1", `jdbc:mysql:loadbalance://h1,h2/shop`, ``},
		{"oracle", `jdbc:oracle:thin:scott/s3cret@db.example.com:1521:shop`, "shop@db.example.com", ``, `db.example.com:1521:shop`},
		{"oracle", `jdbc:oracle:thin:@//db.example.com:1521/shop`, "shop@db.example.com", ``, `//db.example.com:1521/shop`},
		{"oracle", `jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example.com)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=shop)))`, "shop@db.example.com", ``, `db.example.com:1521/shop`},
		{"oracle", `scott/s3cret@db.example.com:1521/shop`, "shop@db.example.com", ``, `db.example.com:1521/shop`},
		{"oracle", `scott/s3cret@//db.example.com:1521/shop`, "shop@db.example.com", ``, `//db.example.com:1521/shop`},
		{"oracle", `//db.example.com:1521/shop`, "shop@db.example.com", ``, `//db.example.com:1521/shop`},
		{"oracle", `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example.com)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=shop))(SECURITY=(PASSWORD=s3cret)))`, "shop@db.example.com", ``, `db.example.com:1521/shop`},
		{"oracle", `Data Source=(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example.com)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=shop)));User Id=u;Password=s3cret`, "shop@db.example.com", ``, `Data Source=db.example.com:1521/shop`},
		{"oracle", `Data Source=db.example.com:1521/shop;User Id=u;Password=s3cret;`, "shop@db.example.com", ``, `Data Source=db.example.com:1521/shop`},
		{"oracle", `user="scott" password="s3cret" connectString="db.example.com:1521/shop"`, "shop@db.example.com", ``, `connectString=db.example.com:1521/shop`},
		{"mysql", `app:s3cret@tcp(db.example.com:3306)/shop?parseTime=true`, "shop@db.example.com", ``, `tcp(db.example.com:3306)/shop`},
		{"mysql", `app:s3cret@unix(/tmp/mysql.sock)/shop`, "shop", ``, `unix(/tmp/mysql.sock)/shop`},
		{"mysql", `app:s3cret@/shop`, "shop", ``, `/shop`},
		{"mysql", `server=db.example.com;user=u;pwd=s3cret;database=shop`, "shop@db.example.com", ``, `server=db.example.com;database=shop`},
		{"sqlite", `file:shop.db?cache=shared&_auth_pass=s3cret`, "sqlite", ``, `file:shop.db`},
		{"sqlite", `/var/data/shop.db`, "sqlite", ``, `/var/data/shop.db`},
		{"sqlite", `:memory:`, "sqlite", ``, `:memory:`},
		{"sqlite", `Data Source=shop.db;Password=s3cret`, "sqlite", ``, `Data Source=shop.db`},
		{"sqlite", `jdbc:sqlite:/var/data/shop.db`, "sqlite", ``, `jdbc:sqlite:/var/data/shop.db`},
		{"sqlite", `sqlite:///var/data/shop.db`, "sqlite", `sqlite:///var/data/shop.db`, ``},
		{"h2", `jdbc:h2:mem:shop;USER=sa;PASSWORD=s3cret`, "h2", ``, `jdbc:h2:mem:shop`},
		{"h2", `jdbc:h2:tcp://db.example.com/~/shop;PASSWORD=s3cret`, "shop@db.example.com", `jdbc:h2:tcp://db.example.com/~/shop`, ``},
		{"db2", `jdbc:db2://db.example.com:50000/shop:user=u;password=s3cret;`, "shop@db.example.com", `jdbc:db2://db.example.com:50000/shop`, ``},
		{"db2", `DATABASE=shop;HOSTNAME=db.example.com;PORT=50000;PROTOCOL=TCPIP;UID=u;PWD=s3cret`, "shop@db.example.com", ``, `DATABASE=shop;HOSTNAME=db.example.com;PORT=50000`},
		{"other_sql", `DSN=shop;UID=u;PWD=s3cret`, "other_sql", ``, `DSN=shop`},
		{"postgresql", `postgresql://h1:5432,h2:5432/shop?password=s3cret`, "shop@h1", `postgresql://h1:5432,h2:5432/shop`, ``},
		{"postgresql", `postgresql://db.example.com:5432`, "postgresql@db.example.com", `postgresql://db.example.com:5432`, ``},
		{"snowflake", `u:s3cret@acct/shop/public?warehouse=w`, "shop/public@acct", ``, `acct/shop/public`},
		{"derby", `jdbc:derby://db.example.com:1527/shop;user=u;password=s3cret`, "shop@db.example.com", `jdbc:derby://db.example.com:1527/shop`, ``},
		{"teradata", `jdbc:teradata://db.example.com/DATABASE=shop,USER=u,PASSWORD=s3cret`, "shop@db.example.com", `jdbc:teradata://db.example.com`, ``},
		{"mssql", `sqlserver://sa:s3cret@db.example.com:1433?database=shop`, "shop@db.example.com", `sqlserver://db.example.com:1433`, ``},
		{"postgresql", `pgsql:host=db.example.com;port=5432;dbname=shop;password=s3cret`, "shop@db.example.com", ``, `host=db.example.com;port=5432;dbname=shop`},
		{"mysql", `mysql:host=db.example.com;dbname=shop;charset=utf8`, "shop@db.example.com", ``, `host=db.example.com;dbname=shop`},
		{"mssql", `sqlsrv:Server=db.example.com,1433;Database=shop;PWD=s3cret`, "shop@db.example.com", ``, `Server=db.example.com,1433;Database=shop`},
		{"mssql", `Server=np:\\db.example.com\pipe\sql\query;Database=shop`, "shop@db.example.com", ``, `Server=np:\\db.example.com\pipe\sql\query;Database=shop`},
		{"mssql", `sqlserver://sa:s3cret@db.example.com/inst?database=shop`, "shop@db.example.com", `sqlserver://db.example.com/inst`, ``},
		{"mssql", `jdbc:sqlserver://db.example.com\inst:1433;databaseName=shop;password=s3cret`, "shop@db.example.com", `jdbc:sqlserver://db.example.com\inst:1433`, ``},
		{"postgresql", `postgres:///shop?host=/var/run/postgresql&password=s3cret`, "shop", `postgres:///shop`, ``},
		{"postgresql", `host=/cloudsql/p:r:i dbname=shop password=s3cret`, "shop", ``, `host=/cloudsql/p:r:i dbname=shop`},
		{"oracle", `@//db.example.com:1521/shop`, "shop@db.example.com", ``, `//db.example.com:1521/shop`},
		{"oracle", `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=)(PORT=1521))(CONNECT_DATA=(SID=shop)))`, "shop", ``, ``},
		{"derby", `derby:///var/data/shop`, "derby", `derby:///var/data/shop`, ``},
		{"postgresql", `Host=;Database=shop;Password=s3cret`, "shop", ``, `Database=shop`},
		{"postgresql", `host=db.example.com password='s3cret'' host=s3cret.example.com' dbname='shop'`, "shop@db.example.com", ``, `host=db.example.com dbname=shop`},
		{"hive", `jdbc:hive2://db.example.com:10000/shop;password=s3cret`, "shop@db.example.com", `jdbc:hive2://db.example.com:10000/shop`, ``},
	} {
		s := testSpan(1, 99, attribute.String("db.system", c.system), attribute.String("db.connection_string", c.connection))
		s.Kind = trace.SpanKindClient
		docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
		if err != nil {
			t.Fatal(err)
		}
		d := parse(t, docs)[0]
		if d.Name != c.name || d.SQL == nil || d.SQL.URL != c.url || d.SQL.ConnectionString != c.place {
			t.Errorf("%s\n got %s\nwant %s, url %q, connection_string %q", c.connection, docs[0], c.name, c.url, c.place)
		}
		if bytes.Contains(docs[0], []byte("s3cret")) {
			t.Errorf("%s: %s", c.connection, docs[0])
		}
	}
}

// The form of .NET's Redis clients: hosts, then settings.
func TestConnectionOfACache(t *testing.T) {
	for connection, want := range map[string]string{
		"cache.example.com:6379,password=s3cret": "redis@cache.example.com",
		"password=s3cret":                        "redis",
	} {
		s := testSpan(1, 99, attribute.String("db.system", "redis"), attribute.String("db.connection_string", connection))
		s.Kind = trace.SpanKindClient
		docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
		if err != nil {
			t.Fatal(err)
		}
		if d := parse(t, docs)[0]; d.Name != want || bytes.Contains(docs[0], []byte("s3cret")) {
			t.Errorf("%s: %s, want %s", connection, docs[0], want)
		}
	}
}

// FuzzConnections holds that no password is left of a connection string.
func FuzzConnections(f *testing.F) {
	f.Add("Server=db", ";", "mssql")
	f.Add("host='db'", " ", "postgresql")
	f.Add("jdbc:mysql://address=(host=db)", "(", "mysql")
	f.Fuzz(func(t *testing.T, before, separator, system string) {
		for _, connection := range []string{
			before + separator + "password=s3cr3tX", before + ";Password=s3cr3tX;Database=shop", before + "(PASSWORD=s3cr3tX)", "app:" + strings.ReplaceAll(before, "@", "") + "s3cr3tX@tcp(db:3306)/shop",
		} {
			s := testSpan(1, 99, attribute.String("db.system", system), attribute.String("db.connection_string", connection))
			s.Kind = trace.SpanKindClient
			docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(docs[0], []byte("s3cr3tX")) {
				t.Errorf("%q: %s", connection, docs[0])
			}
		}
	})
}
