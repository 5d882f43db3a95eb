package main

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

var some = []figure{
	{"contact merge --ndjson", 10_000, 30 * time.Millisecond, 40 * time.Millisecond, 20 << 20},
	{"contact merge --ndjson", 100_000, 300 * time.Millisecond, 400 * time.Millisecond, 100 << 20},
}

// The chart is XML with a bar for each size in each panel.
func TestDraw(t *testing.T) {
	bars := 0
	d := xml.NewDecoder(strings.NewReader(draw(some)))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 1+2*len(some) {
		t.Errorf("%d rectangles", bars)
	}
}

// The page has a place for the figures.
func TestFigures(t *testing.T) {
	t.Chdir("..")
	before, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir() + "/bulk.md"
	if err := os.WriteFile(copied, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replace(copied, figures(some, some)); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(copied)
	if err != nil || !strings.Contains(string(after), "| 100000 | 0.30 s | 0.40 s | 3.0 µs | 100 MiB |") {
		t.Errorf("%v\n%s", err, after)
	}
	if got := median(append([]figure{{wall: time.Hour}}, some...)); got != some[1] {
		t.Errorf("the median is %v", got)
	}
}
