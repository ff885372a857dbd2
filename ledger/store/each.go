package store

import "context"

// Each runs a query in the transaction and calls scan for every row. It ends at the first error of scan.
func (tx *Tx) Each(ctx context.Context, query string, args []any, scan func(rows *Rows) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below tells how the reading ended
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
