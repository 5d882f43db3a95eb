package stream_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"

	_ "github.com/partner-contacts/contact/examples/stream"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure" // the broker that a stream has inside
)

func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b := service.NewStreamBuilder()
	must(b.SetLoggerYAML(`level: "OFF"`))
	send, err := b.AddProducerFunc()
	must(err)
	must(b.AddProcessorYAML(`contact_merge: {}`))
	must(b.AddConsumerFunc(func(_ context.Context, msg *service.Message) error {
		if err := msg.GetError(); err != nil {
			fmt.Println("refused:", err)
			return nil
		}
		text, err := msg.AsBytes()
		must(err)
		merged, err := contact.ParseStored(text)
		must(err)
		changed, _ := msg.MetaGet("changed")
		fmt.Println(changed+":", *merged.City, merged.MetaPublic)
		return nil
	}))
	stream, err := b.Build()
	must(err)
	done := make(chan error, 1)
	go func() { done <- stream.Run(ctx) }()

	document := strings.TrimSpace(string(contacttest.Sample()))
	for _, patch := range []string{
		`{"city":"Oak Park","meta_public":{"score":13,"prefs":null}}`,
		`{"sms_opted_in":"yes","birthdate":"1990-02-30"}`,
	} {
		must(send(ctx, service.NewMessage([]byte(`{"contact":`+document+`,"patch":`+patch+`}`))))
	}
	cancel()
	<-done
	// Output:
	// city,meta_public,updated_at: Oak Park {"source":"spring-2026","score":13}
	// refused: contact: 2 errors: /birthdate: Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.; /sms_opted_in: Send true or false, without quotes.
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
