package page

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/lambdaxray/lambdaxray/examples/local/page/internal/vendor"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

const (
	coldTrace = "1-5759e988-bd862e3fe1be46a994272793"
	warmTrace = "1-5759e988-bd862e3fe1be46a994272794"
)

func TestVendoredFilesAreThePinnedOnes(t *testing.T) {
	for _, err := range vendor.Check(os.DirFS("web/vendor")) {
		t.Error(err)
	}
}

// open shows a path of the page and waits for what the selector names.
func open(t *testing.T, api http.Handler, path, selector string) (tab tab, address string) {
	t.Helper()
	tab = browser(t)
	address = serve(t, api)
	do(t, tab, chromedp.Navigate(address+path))
	until(t, tab, "document.querySelector("+strconv.Quote(selector)+")")
	return tab, address
}

func TestMapShowsNodesAndTheirStatistics(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/", ".node")
	want := "orders client, orders AWS::Lambda, orders AWS::Lambda::Function, orders AWS::DynamoDB::Table, prices.example.com remote, worker AWS::Lambda"
	if got := evaluate[string](t, tab, `[...document.querySelectorAll(".node")].map((n) => n.dataset.name + " " + n.dataset.type).join(", ")`); got != want {
		t.Errorf("nodes are %s, want %s", got, want)
	}
	if got := evaluate[string](t, tab, `document.querySelector(".edge-link").getAttribute("aria-label")`); !strings.HasPrefix(got, "orders → worker") {
		t.Errorf("the link is %q", got)
	}
	// Left to right: what is called stands right of what calls it.
	for _, pair := range [][2]string{{"client", "AWS::Lambda"}, {"AWS::Lambda", "AWS::Lambda::Function"}, {"AWS::Lambda::Function", "AWS::DynamoDB::Table"}} {
		const x = `document.querySelector(".node[data-type='TYPE']").getBoundingClientRect().x`
		if evaluate[float64](t, tab, strings.Replace(x, "TYPE", pair[0], 1)) >= evaluate[float64](t, tab, strings.Replace(x, "TYPE", pair[1], 1)) {
			t.Errorf("%s does not stand left of %s", pair[0], pair[1])
		}
	}
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".node[data-type='AWS::Lambda::Function']").focus()`), chromedp.KeyEvent(kb.Enter))
	until(t, tab, `document.querySelector(".statistics .sparkline")`)
	text := evaluate[string](t, tab, `document.querySelector(".statistics").innerText`)
	for _, want := range []string{"4 calls", "3 OK", "1 Fault", "average 80 ms", "p95 200 ms", "cold 1 of 4 (25 %)", "Faults a minute"} {
		if !strings.Contains(text, want) {
			t.Errorf("statistics lack %q: %s", want, text)
		}
	}
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".edge-link").dispatchEvent(new MouseEvent("click", {bubbles: true}))`))
	until(t, tab, `document.querySelector(".statistics").innerText.includes("Age of the message")`)
}

func TestTraceShowsInitializationLeftOfItsFunction(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/trace/"+coldTrace, ".row")
	const box = `document.querySelector(".row[data-name='NAME'] .bar").getBoundingClientRect()`
	initialization := evaluate[float64](t, tab, strings.Replace(box, "NAME", "Initialization", 1)+".right")
	function := evaluate[float64](t, tab, `document.querySelectorAll(".row-segment .bar")[1].getBoundingClientRect().left`)
	if initialization >= function {
		t.Errorf("Initialization ends at %v, its function begins at %v", initialization, function)
	}
	if sum := evaluate[float64](t, tab, `[...document.querySelectorAll(".parts li")].reduce((sum, p) => sum + Number(p.dataset.seconds), 0) - Number(document.querySelector(".parts").dataset.total)`); sum < -1e-9 || sum > 1e-9 {
		t.Errorf("the parts of the bar miss the response time by %v s", sum)
	}
	do(t, tab, chromedp.Click(chromedp.CSS(`.row[data-id="1000000000000002"]`)))
	for tabName, want := range map[string]string{"Overview": "Fault 5xx", "Annotations": "tenant.id", "Metadata": "default", "Exceptions": "orders:7", "Resources": "function_arn", "Raw": `"parent_id": "1000000000000001"`} {
		do(t, tab, chromedp.Click(chromedp.CSS(`[role=tab][data-tab="`+tabName+`"]`)))
		if text := evaluate[string](t, tab, `document.querySelector(".tab").innerText`); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", tabName, want, text)
		}
	}
	if hash := evaluate[string](t, tab, "location.hash"); hash != "#1000000000000002" {
		t.Errorf("the address ends in %q", hash)
	}
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".timeline").focus()`), chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.ArrowLeft))
	until(t, tab, `document.querySelector(".row[data-name='Initialization']").getAttribute("aria-expanded") === "false" && !document.querySelector(".row[data-name='load configuration']")`)
}

func TestSpansStandBesideTheirDocuments(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/trace/"+coldTrace, ".spans")
	const pair = `document.querySelector(".pair[data-span='ID']")`
	shown := func(id string) string {
		return evaluate[string](t, tab, strings.Replace(pair, "ID", id, 1)+".innerText")
	}
	do(t, tab, chromedp.Click(chromedp.CSS(".spans > summary")))
	for _, want := range []string{"SERVER", "Error: orders", `["7","orders"]`, "event 1 exception.type", "AWS::Lambda::Function", `"subsegments": "(4)"`} {
		if !strings.Contains(shown("1000000000000002"), want) {
			t.Errorf("the pair lacks %q: %s", want, shown("1000000000000002"))
		}
	}
	if text := shown("1000000000000009"); !strings.Contains(text, "no document") {
		t.Errorf("a span without a document is shown as %s", text)
	}
	if n := evaluate[int](t, tab, `document.querySelectorAll(".pair:not([data-span])").length`); n != 6 {
		t.Errorf("%d documents without a span, want 6", n)
	}
	do(t, tab, chromedp.Click(chromedp.CSS(`.row[data-id="1000000000000002"]`)), chromedp.Click(chromedp.CSS(`[data-tab="Span"]`)))
	until(t, tab, `document.querySelector(".tab").innerText.includes("exception.type")`)
	do(t, tab, chromedp.Click(chromedp.CSS(`.row[data-id="1000000000000001"]`)))
	until(t, tab, `!document.querySelector('[data-tab="Span"]')`)
}

func TestTwoMappingsAreComparedMemberByMember(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/mappings/"+coldTrace, ".mappings tbody tr")
	if text := evaluate[string](t, tab, `document.querySelector(".mappings [role=status]").innerText`); text != "Both make the same of it." {
		t.Errorf("two equal mappings: %s", text)
	}
	do(t, tab, chromedp.Click(chromedp.CSS(`[data-side="b"] [data-setting="url-query"]`)))
	until(t, tab, `document.querySelector(".differs")?.innerText === "orders\tannotations.url-query\t–\torders"`)
	if search := evaluate[string](t, tab, "location.search"); search != "?b=url-query" {
		t.Errorf("the address ends in %s", search)
	}
	do(t, tab, chromedp.SendKeys(chromedp.CSS(`[aria-label="Annotation keys of A"]`), "tier plan"+kb.Tab))
	until(t, tab, `location.search === "?b=url-query&a=annotation%3Dtier%2Cannotation%3Dplan"`)
	do(t, tab, chromedp.Click(chromedp.CSS(`[data-side="b"] [data-setting="url-query"]`)))
	until(t, tab, `document.querySelector("[data-side='b'] [data-setting='url-query']").checked === false`)
}

func TestRunsBeforeAndAfterAReloadAreToldApart(t *testing.T) {
	f := orders(t, "orders")
	const choice = `document.querySelector("[aria-label='Run of the function']")`
	tab, address := open(t, f, "/traces", ".traces tbody tr")
	if evaluate[bool](t, tab, choice+" !== null || document.querySelector('.row-run') !== null") {
		t.Error("there are runs though nothing has changed")
	}
	f.mu.Lock()
	f.reloads, f.seq = []float64{150}, f.seq+1
	f.traces[0].Run, f.traces[1].Run = 2, 1
	f.mu.Unlock()
	until(t, tab, choice)
	until(t, tab, `document.querySelector(".row-run")?.dataset.id === "`+warmTrace+`"`)
	evaluate[bool](t, tab, `(() => { const s = `+choice+`; s.value = "1"; s.dispatchEvent(new Event("change", {bubbles: true})); return true; })()`)
	until(t, tab, `location.search === "?run=1" && [...document.querySelectorAll(".traces tbody tr")].map((r) => r.dataset.id).join() === "`+warmTrace+`"`)
	do(t, tab, chromedp.Click(chromedp.CSS(`nav a[href="/map?run=1"]`)))
	until(t, tab, `document.querySelector(".node")`)
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".node[data-type='AWS::Lambda::Function']").focus()`), chromedp.KeyEvent(kb.Enter))
	until(t, tab, `document.querySelectorAll(".reload-mark").length === 2`)
	do(t, tab, chromedp.Navigate(address+"/trace/"+coldTrace))
	until(t, tab, `document.querySelector(".trace-head")?.innerText.includes("run 2 of the function")`)
}

func TestListIsWalkedWithKeysAndCompares(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/traces", ".traces tbody tr")
	do(t, tab, chromedp.KeyEvent("c"))
	until(t, tab, `document.querySelector(".row-compare")`)
	do(t, tab, chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Enter))
	until(t, tab, `document.querySelector(".compare tbody tr")`)
	if got, want := evaluate[string](t, tab, "location.pathname"), "/compare/"+coldTrace+"/"+warmTrace; got != want {
		t.Errorf("the address is %s, want %s", got, want)
	}
	text := evaluate[string](t, tab, `document.querySelector(".compare tbody").innerText`)
	for _, want := range []string{"faster by 100 ms", "only in A", "the same"} {
		if !strings.Contains(text, want) {
			t.Errorf("the comparison lacks %q: %s", want, text)
		}
	}
	do(t, tab, chromedp.NavigateBack())
	until(t, tab, `document.querySelector(".traces")`)
}

func TestAnnotationsBecomeColumns(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/traces?columns=tenant.id", ".traces tbody tr")
	if got := evaluate[string](t, tab, `document.querySelector(".traces tbody tr").innerText`); !strings.Contains(got, "https://api.example.com/orders\t❄ 100 ms\torders\t1-") {
		t.Errorf("the row is %q", got)
	}
}

func TestFilterCompletesAndPointsAtTheError(t *testing.T) {
	tab, _ := open(t, orders(t, "orders"), "/map", ".node")
	// A key event of the test's would type the slash as well, prevented or not.
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`), chromedp.KeyEvent("a"))
	until(t, tab, `document.querySelector("#filter-offer li")`)
	do(t, tab, chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	until(t, tab, `document.querySelector(".filter input").value === "annotation.tiera"`) // the fake says: put it before
	do(t, tab, chromedp.Navigate(evaluate[string](t, tab, "location.origin")+"/map?filter=bad+("))
	until(t, tab, `document.querySelector(".filter-error")?.innerText.includes("want a keyword")`)
}

func TestAddressesOfTheConsoleLeadHere(t *testing.T) {
	tab, address := open(t, orders(t, "orders"), "/", ".node")
	for fragment, want := range map[string]string{
		"#/traces/" + coldTrace:              "/trace/" + coldTrace,
		"#/service-map?timeRange=PT1H":       "/map?range=1h",
		"#xray:traces/" + coldTrace:          "/trace/" + coldTrace,
		"#/traces?filter=fault%20%3D%20true": "/traces?filter=fault+%3D+true",
	} {
		do(t, tab, chromedp.Navigate("about:blank"), chromedp.Navigate(address+"/"+fragment))
		until(t, tab, "location.pathname + location.search === "+strconv.Quote(want))
	}
}

func TestOnlyTheRowsInViewAreDrawn(t *testing.T) {
	f := orders(t, "orders")
	function := f.traces[0].Segments[1]
	step := *function.Subsegments[1]
	for i := range 5000 {
		s := step
		s.ID = strconv.FormatInt(0x3000000000000000+int64(i), 16)
		function.Subsegments = append(function.Subsegments, &s)
	}
	tab, _ := open(t, f, "/trace/"+coldTrace, ".row")
	if n := evaluate[int](t, tab, `document.querySelectorAll(".row").length`); n > 100 {
		t.Errorf("%d rows are in the document", n)
	}
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".timeline").focus()`), chromedp.KeyEvent(kb.End))
	until(t, tab, `document.querySelector(".row-selected")?.getAttribute("aria-rowindex") === "5007"`)
}

func TestLargeMapIsLaidOutInAWorker(t *testing.T) {
	f := &fake{}
	for i := range 100 {
		f.graph.Nodes = append(f.graph.Nodes, node("service "+strconv.Itoa(i), "remote"))
		if i > 0 {
			f.graph.Edges = append(f.graph.Edges, edge(f.graph.Nodes[i/3], f.graph.Nodes[i], false))
		}
	}
	f.graph.Edges = append(f.graph.Edges, edge(f.graph.Nodes[50], f.graph.Nodes[0], false), edge(f.graph.Nodes[7], f.graph.Nodes[7], false))
	tab, _ := open(t, f, "/", ".node")
	if n := evaluate[int](t, tab, `document.querySelectorAll(".node").length`); n != 100 {
		t.Errorf("%d nodes, want 100", n)
	}
	apart := `(() => { const at = [...document.querySelectorAll(".node-disc")].map((n) => n.getBoundingClientRect());
		return at.every((a, i) => at.every((b, j) => i === j || Math.hypot(a.x - b.x, a.y - b.y) > 60)); })()`
	if !evaluate[bool](t, tab, apart) {
		t.Error("nodes lie on each other")
	}
}

func TestEmptyPageShowsWhatToDoAndBecomesTheMap(t *testing.T) {
	f := &fake{
		graph:  xray.PageGraph{Nodes: []xray.PageNode{}, Edges: []xray.PageEdge{}},
		health: xray.PageHealth{Addresses: xray.PageAddress{Daemon: "127.0.0.1:2000", HTTP: "http://127.0.0.1:3001"}},
	}
	tab, _ := open(t, f, "/", ".empty")
	until(t, tab, `document.querySelector(".empty").innerText.includes("AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000")`)
	f.set(orders(t, "orders"))
	until(t, tab, `document.querySelector(".node")`)
}

func TestPageFitsItsScreen(t *testing.T) {
	f := orders(t, "orders")
	for _, width := range []int64{360, 3840} {
		for _, path := range []string{"/", "/traces", "/trace/" + coldTrace + "#1000000000000002", "/compare/" + coldTrace + "/" + warmTrace, "/mappings/" + coldTrace + "?b=own", "/cold", "/health"} {
			tab, _ := open(t, f, path, "main section")
			do(t, tab, chromedp.EmulateViewport(width, 800))
			if wide := evaluate[int64](t, tab, "document.scrollingElement.scrollWidth"); wide > width {
				t.Errorf("%s is %d px wide on a screen of %d", path, wide, width)
			}
		}
	}
}

func TestForeignTextStaysText(t *testing.T) {
	for _, name := range []string{
		`"><img src=x onerror="window.pwned=1">`, `</script><script>window.pwned=1</script>`, `javascript:window.pwned=1`,
		"\u202egpj.exe\u0000\n<!--<script>", strings.Repeat("long", 5000),
	} {
		f := orders(t, name)
		for _, path := range []string{"/", "/traces?columns=tenant.id", "/trace/" + coldTrace + "#1000000000000002", "/compare/" + coldTrace + "/" + warmTrace, "/mappings/" + coldTrace + "?b=own", "/cold", "/health", "/trace/" + coldTrace + ".html", "/map.html"} {
			tab, _ := open(t, f, path, "main section")
			evaluate[bool](t, tab, `document.querySelectorAll("details").forEach((d) => d.open = true) || true`)
			for _, shown := range []string{"Exceptions", "Metadata", "Resources", "Span", "Raw"} {
				evaluate[bool](t, tab, `document.querySelector("[data-tab=`+shown+`]")?.click() || true`)
			}
			if evaluate[bool](t, tab, `window.pwned !== undefined || document.querySelector("img, main script, iframe") !== null || [...document.querySelectorAll("a")].some((a) => !/^https?:/.test(a.protocol) && a.protocol !== "file:")`) {
				t.Errorf("%s runs %.60q", path, name)
			}
			if path != "/cold" && !strings.Contains(evaluate[string](t, tab, "document.documentElement.innerHTML + document.title"), "orders") && !evaluate[bool](t, tab, "document.body.textContent.includes("+strconv.Quote(name[:min(len(name), 8)])+")") {
				t.Errorf("%s does not show %.60q", path, name)
			}
		}
	}
}

func TestSavedFileOpensWithoutAServer(t *testing.T) {
	f := orders(t, "orders")
	for path, want := range map[string]string{"/trace/" + coldTrace + ".html": ".row[data-name='Initialization']", "/map.html": ".node[data-name='worker']"} {
		server := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, path, nil)
		Handler(f).ServeHTTP(server, request)
		file := filepath.Join(t.TempDir(), "saved.html")
		if err := os.WriteFile(file, server.Body.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		tab := browser(t)
		do(t, tab, chromedp.Navigate("file://"+file))
		until(t, tab, "document.querySelector("+strconv.Quote(want)+")")
		if evaluate[bool](t, tab, `document.querySelector("a[href^='/api'], a[href$='.html']") !== null`) {
			t.Errorf("%s has links to a server", path)
		}
	}
	server := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/trace/1-0-0.html", nil)
	Handler(f).ServeHTTP(server, request)
	if server.Code != http.StatusNotFound {
		t.Errorf("an unknown trace is answered with %d", server.Code)
	}
}

func TestThemeIsRemembered(t *testing.T) {
	tab, address := open(t, orders(t, "orders"), "/", ".node")
	before := evaluate[string](t, tab, "document.documentElement.dataset.theme")
	do(t, tab, chromedp.Click(chromedp.CSS(".shade")))
	until(t, tab, `document.documentElement.dataset.theme !== "`+before+`"`)
	do(t, tab, chromedp.Navigate(address+"/traces"))
	until(t, tab, `document.documentElement.dataset.theme !== "`+before+`"`)
}
