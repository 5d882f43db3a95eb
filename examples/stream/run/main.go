// Command run is Benthos with contact_merge, sql_raw and SQLite: go run ./run -c merge.yaml.
package main

import (
	"context"
	"log"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"
	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact/examples/stream"
)

func main() {
	if err := stream.RegisterSQL(); err != nil {
		log.Fatal(err)
	}
	service.RunCLI(context.Background())
}
