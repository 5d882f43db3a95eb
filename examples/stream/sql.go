package stream

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"
)

// RegisterSQL adds the part of Redpanda Connect's sql_raw processor that merge.yaml needs, for builds
// on Benthos alone, which has no databases. Redpanda Connect has the whole.
func RegisterSQL() error {
	spec := service.NewConfigSpec().
		Summary("Runs a query, and makes the message an array of its rows.").
		Fields(service.NewStringField("driver"), service.NewStringField("dsn"), service.NewStringField("query"),
			service.NewBloblangField("args_mapping").Optional())
	return service.RegisterProcessor("sql_raw", spec, func(conf *service.ParsedConfig, _ *service.Resources) (service.Processor, error) {
		var q query
		driver, err := conf.FieldString("driver")
		if err != nil {
			return nil, err
		}
		dsn, err := conf.FieldString("dsn")
		if err != nil {
			return nil, err
		}
		if q.text, err = conf.FieldString("query"); err != nil {
			return nil, err
		}
		if conf.Contains("args_mapping") {
			if q.args, err = conf.FieldBloblang("args_mapping"); err != nil {
				return nil, err
			}
		}
		q.db, err = sql.Open(driver, dsn)
		return &q, err
	})
}

type query struct {
	db   *sql.DB
	text string
	args *bloblang.Executor
}

// Process runs the query for one message.
func (q *query) Process(ctx context.Context, msg *service.Message) (service.MessageBatch, error) {
	var args []any
	if q.args != nil {
		result, err := service.MessageBatch{msg}.BloblangExecutor(q.args).Query(0)
		if err != nil {
			return nil, err
		}
		mapped, err := result.AsStructured()
		if err != nil {
			return nil, err
		}
		list, ok := mapped.([]any)
		if !ok {
			return nil, fmt.Errorf("args_mapping has to make an array, not %T", mapped)
		}
		args = list
	}
	rows, err := q.db.QueryContext(ctx, q.text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	found := []any{}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		row := make(map[string]any)
		for i, name := range columns {
			row[name] = values[i]
		}
		found = append(found, row)
	}
	out := msg.Copy()
	out.SetStructuredMut(found)
	return service.MessageBatch{out}, rows.Err()
}

func (q *query) Close(context.Context) error { return q.db.Close() }
