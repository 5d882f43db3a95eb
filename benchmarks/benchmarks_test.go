package main

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/partner-contacts/contact/benchmarks/bodies"
	"github.com/partner-contacts/contact/benchmarks/contactpb"
	"github.com/partner-contacts/contact/benchmarks/structs"
)

func load(t *testing.T) (*bodies.Set, []contender) {
	t.Helper()
	b, err := bodies.Load("..")
	if err != nil {
		t.Fatal(err)
	}
	cs, err := contenders()
	if err != nil {
		t.Fatal(err)
	}
	return b, cs
}

// Every contender accepts what is good and refuses what is bad, or its times
// mean nothing.
func TestVerdicts(t *testing.T) {
	b, cs := load(t)
	for _, c := range cs {
		for kind, judge := range map[string]func([]byte) error{"full": c.full, "patch": c.patch} {
			if judge == nil {
				continue
			}
			good, bad := b.Whole, b.Faulty
			if kind == "patch" {
				good, bad = b.Patch, []byte(`{"sms_opted_in":"true"}`)
			}
			if err := judge(good); err != nil {
				t.Errorf("%s refuses the good %s body: %v", c.name, kind, err)
			}
			if c.baseline {
				bad = bad[:len(bad)-1]
			}
			if judge(bad) == nil {
				t.Errorf("%s accepts the bad %s body", c.name, kind)
			}
		}
		if c.update != nil {
			merged, err := c.update(b.Whole, b.Patch)
			if err != nil || !c.baseline && !strings.Contains(string(merged), `"city":"Oak Park"`) {
				t.Errorf("%s does not update: %v", c.name, err)
			}
			bad := `{"timezone":"america/chicago"}`
			if c.baseline {
				bad = "{"
			}
			if _, err := c.update(b.Whole, []byte(bad)); err == nil {
				t.Errorf("%s updates with a bad patch", c.name)
			}
		}
	}
}

// acceptsFaulty are the contenders that find nothing wrong with a body that has faults, by the body.
var acceptsFaulty = map[string]string{
	"200 bad ids":   "sonic, types alone; easyjson, types alone",
	"10,000 errors": "sonic, types alone; easyjson, types alone",
}

// Every contender has the verdict on each body that is expected of it.
func TestBodies(t *testing.T) {
	b, cs := load(t)
	for i := range b.All {
		var accepting []string
		for j := range cs {
			c := &cs[j]
			if c.patch == nil || c.baseline && b.All[i].Bad {
				continue
			}
			if !accepts(c, &b.All[i]) {
				if !b.All[i].Bad {
					t.Errorf("%s refuses %s", c.name, b.All[i].Name)
				}
			} else if b.All[i].Bad {
				accepting = append(accepting, c.name)
			}
		}
		if got := strings.Join(accepting, "; "); got != acceptsFaulty[b.All[i].Name] {
			t.Errorf("%s is accepted by %s", b.All[i].Name, got)
		}
	}
}

// gaps are the probes that do not hold, by contender. A new version of a peer
// that does more, or less, fails the test and is then told so in the report.
var gaps = map[string]string{
	"jsonschema/v6, zones a set":    "duplicates, UTF-8, depth, pointers, private",
	"jsonschema/v6, zones an enum":  "duplicates, UTF-8, depth, pointers, private",
	"kaptinlin/jsonschema":          "depth",
	"google/jsonschema-go":          "duplicates, dates, UTF-8, depth, all faults, pointers, private",
	"kin-openapi":                   "duplicates, timestamps, UTF-8, depth, pointers, private",
	"protovalidate on protojson":    "null, dates, timestamps, depth, missing, all faults, pointers",
	"validator on encoding/json":    "types, names, duplicates, null, ids, timestamps, UTF-8, one value, depth, all faults, pointers",
	"validator on encoding/json/v2": "types, null, ids, timestamps, one value, depth, all faults, pointers",
	"validator on goccy":            "types, names, duplicates, null, ids, timestamps, UTF-8, one value, depth, all faults, pointers",
	"validator on sonic":            "types, duplicates, null, ids, timestamps, UTF-8, one value, depth, all faults, pointers",
	"validator on easyjson":         "types, duplicates, null, ids, timestamps, UTF-8, one value, depth, all faults, pointers",
	"ogen":                          "duplicates, timestamps, timezones, UTF-8, depth, all faults, pointers",
	"sonic, types alone":            "types, duplicates, null, ids, dates, timestamps, timezones, UTF-8, one value, depth, missing, all faults, pointers",
	"easyjson, types alone":         "types, duplicates, null, ids, dates, timestamps, timezones, UTF-8, one value, depth, missing, all faults, pointers",
	"jsonschema/v6 + json-patch":    "RFC 7396, identity, stale, stamp",
	"sonic overlay + validator":     "RFC 7396, digits, order, identity, stale, stamp",
}

func TestGaps(t *testing.T) {
	b, cs := load(t)
	r := report{bodies: b}
	for i := range cs {
		c := &cs[i]
		if c.baseline || c.ours {
			continue
		}
		if got := r.leavesOut(c); got != gaps[c.name] {
			t.Errorf("%s lacks %q, not %q", c.name, got, gaps[c.name])
		}
	}
}

// The struct and protobuf peers have the fields of the schema, all of them.
func TestFields(t *testing.T) {
	s, err := loadSchemas()
	if err != nil {
		t.Fatal(err)
	}
	for file, fields := range map[string][][]string{
		"contact.schema.json":       {jsonNames[structs.Contact](), protoNames(&contactpb.Contact{})},
		"contact-patch.schema.json": {jsonNames[structs.Patch](), protoNames(&contactpb.ContactPatch{})},
	} {
		var want []string
		for name := range s.docs[file]["properties"].(map[string]any) {
			want = append(want, name)
		}
		slices.Sort(want)
		for _, got := range fields {
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s has %v, a peer has %v", file, want, got)
			}
		}
	}
}

func jsonNames[T any]() []string {
	var names []string
	for f := range reflect.TypeFor[T]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func protoNames(m proto.Message) []string {
	var names []string
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		names = append(names, string(fields.Get(i).Name()))
	}
	return names
}

// contact.proto holds the timezone names of the schema; go generate renews it.
func TestProtoTimezones(t *testing.T) {
	s, err := loadSchemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []proto.Message{&contactpb.Contact{}, &contactpb.ContactPatch{}} {
		field := m.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name("timezone"))
		names := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules).GetString().GetIn()
		if len(names) != len(s.zones) {
			t.Errorf("%d names, the schema has %d: run go generate", len(names), len(s.zones))
		}
		for _, name := range names {
			if !s.zones[name] {
				t.Errorf("%s is not in the schema: run go generate", name)
			}
		}
	}
}

// A short run makes a page and a chart, with every contender in them.
func TestReport(t *testing.T) {
	b, cs := load(t)
	r := report{bodies: b, contenders: cs, works: works(b), machine: describe(2, time.Millisecond)}
	var err error
	if r.results, err = measure(r.works, cs, 2, time.Millisecond, func(int) {}); err != nil {
		t.Fatal(err)
	}
	page, chart := r.markdown(), r.chart()
	for _, c := range cs {
		if !strings.Contains(page, c.name) {
			t.Errorf("the page lacks %s", c.name)
		}
		if c.family == "" && !c.ours && !strings.Contains(chart, c.name) {
			t.Errorf("the chart lacks %s", c.name)
		}
	}
	for _, body := range b.All {
		if !strings.Contains(page, "| "+body.Name+" |") {
			t.Errorf("the page lacks %s", body.Name)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(page, bad) || strings.Contains(chart, bad) {
			t.Errorf("%s in the page or the chart", bad)
		}
	}
	d := xml.NewDecoder(strings.NewReader(chart))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestMedians(t *testing.T) {
	if got := quartiles([]float64{9, 1, 5, 3, 7}); got != [3]float64{3, 5, 7} {
		t.Errorf("quartiles %v", got)
	}
	if got := multiple([]float64{2, 40, 6}, []float64{1, 10, 2}); got != 3 {
		t.Errorf("multiple %v", got)
	}
}

// Every hostile shape has its figure in every column.
func TestHostile(t *testing.T) {
	tables, err := hostile("1x")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Linear | 1KiB | 32KiB | 1024KiB |", "| LinearMerge | 1KiB | 32KiB | 1024KiB |", "| Depth | 0 | 61 | 900 |",
		"| valid/meta |", "| Merge/deep |", "| Merge3 |",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("%q is missing in\n%s", want, tables)
		}
	}
	if strings.Contains(tables, "|  |") {
		t.Errorf("a figure is missing in\n%s", tables)
	}
}
