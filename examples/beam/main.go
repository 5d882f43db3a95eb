// Command beam merges patches into contacts as contact merge --ndjson does, on any runner of Apache
// Beam: see README.md for when that is worth it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/partner-contacts/contact"
)

var (
	contacts = flag.String("contacts", "", "`GLOB` of files with a contact on every line")
	patches  = flag.String("patches", "", "`GLOB` of files with a patch on every line; they apply by the names of the files and the lines' order")
	merged   = flag.String("merged", "", "write contacts to files of this `PREFIX`")
	rejects  = flag.String("rejects", "", "write what is refused to this `FILE`")
	shards   = flag.Int("shards", 1, "how many files of merged contacts there are")
	now      = flag.String("now", "", "the `TIME` of the update; that of the start if it is left out")

	settings Settings
)

func init() {
	flag.BoolVar(&settings.RequireComplete, "complete", false, "each patch must be a whole contact")
	flag.BoolVar(&settings.IgnoreUnknown, "ignore-unknown", false, "skip members that contacts do not have")
	flag.BoolVar(&settings.AllowStale, "allow-stale", false, "take a patch whose updated_at is not the existing one")
	flag.IntVar(&settings.MaxBytes, "max-bytes", 0, "the longest patch in `BYTES`; 0: 1 MiB, -1: no limit")
	flag.DurationVar(&settings.VersionResolution, "resolution", 0, "the `STEP` in which the store keeps updated_at; 0: 1µs")
}

func main() {
	flag.Parse()
	beam.Init()
	log.SetFlags(0)
	log.SetPrefix("beam: ")
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	for _, name := range []string{"contacts", "patches", "merged", "rejects"} {
		if flag.Lookup(name).Value.String() == "" {
			return fmt.Errorf("--%s is missing", name)
		}
	}
	at := time.Now()
	if *now != "" {
		var err error
		if at, err = contact.ParseTimestamp(*now); err != nil {
			return err
		}
	}
	if *shards < 1 {
		return fmt.Errorf("--shards needs a number of files, 1 or more")
	}
	p, s := beam.NewPipelineWithRoot()
	build(s, *contacts, *patches, *merged, *rejects, *shards, at, settings)
	result, err := beamx.RunWithMetrics(ctx, p)
	if err != nil {
		return err
	}
	report(result)
	return nil
}

// report prints the pipeline's counters.
func report(result beam.PipelineResult) {
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if c.Namespace() == namespace {
			fmt.Fprintf(os.Stderr, "%s: %d\n", c.Name(), c.Result())
		}
	}
}
