import { Loader, Paper } from '@mantine/core';
import {
  flexRender,
  getCoreRowModel,
  useReactTable,
  type ColumnDef,
  type Row,
} from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
  type RefObject,
} from 'react';
import classes from './data-table.module.css';

/** With the column's track in the grid, `minmax(0, 2fr)`; on a phone cells stand in one column. */
export type TrackedColumn<T> = ColumnDef<T> & { readonly track: string };

interface DataTableProps<T> {
  readonly label: string;
  /** The same array, and the same rows in it, while nothing of them has changed. */
  readonly rows: readonly T[];
  readonly columns: readonly TrackedColumn<T>[];
  readonly rowId: (row: T) => string;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly more: () => void;
}

const ROW_PX = 64;
/** Rows drawn above and below what is seen. */
const AHEAD = 8;

/** A list of any length, of which only what is seen is drawn; asks for more as its end nears. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, rowId, hasMore, isLoadingMore, more } = props;
  const body = useRef<HTMLDivElement>(null);
  const scrollMargin = useTop(body);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    scrollMargin,
    // Another function would have the places of all rows computed anew with each of them drawn.
    getItemKey: useCallback((at: number) => rowId(rows[at] as T), [rows, rowId]),
    // A row that is dear to draw must not hold up the wheel: there are some ahead.
    useFlushSync: false,
  });
  const shown = virtual.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - 1 - AHEAD) more();
  }, [hasMore, isLoadingMore, last, rows.length, more]);
  const table = useReactTable({
    // Of what is drawn alone: it makes a row for each, which takes long for all of a long list.
    data: useMemo(() => rows.slice(first, last + 1), [rows, first, last]),
    columns: columns as TrackedColumn<T>[],
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
  });
  const model = table.getRowModel().rows;
  const tracks = columns.map(({ track }) => track);
  const style = { '--columns': tracks.join(' ') } as CSSProperties;
  return (
    <Paper withBorder style={style} role="table" aria-label={label} aria-rowcount={rows.length + 1}>
      <div role="rowgroup">
        {table.getHeaderGroups().map((group) => (
          <div key={group.id} role="row" className={`${classes.row} ${classes.head}`}>
            {group.headers.map((header) => (
              <div key={header.id} role="columnheader">
                {flexRender(header.column.columnDef.header, header.getContext())}
              </div>
            ))}
          </div>
        ))}
      </div>
      <div
        ref={body}
        role="rowgroup"
        className={classes.body}
        style={{ height: virtual.getTotalSize() }}
      >
        {shown.map(({ index, key, start }, at) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            role="row"
            aria-rowindex={index + 2}
            className={`${classes.row} ${classes.placed}`}
            style={{ transform: `translateY(${start - scrollMargin}px)` }}
          >
            {model[at] && <Cells row={model[at]} columns={columns} />}
          </div>
        ))}
      </div>
      {isLoadingMore && <Loader size="sm" m="md" aria-label="Loading more" />}
    </Paper>
  );
}

interface CellsProps<T> {
  readonly row: Row<T>;
  readonly columns: readonly TrackedColumn<T>[];
}

/** Drawn again when what they show is another, and not with every step of the wheel. */
const Cells = memo(
  <T,>({ row }: CellsProps<T>) =>
    row.getVisibleCells().map((cell) => (
      <div key={cell.id} role="cell">
        {flexRender(cell.column.columnDef.cell, cell.getContext())}
      </div>
    )),
  (before, now) => before.row.original === now.row.original && before.columns === now.columns,
) as <T>(props: CellsProps<T>) => ReactNode;

/** How far below the page's top an element begins, in pixels; what stands above it may grow. */
function useTop(of: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useEffect(() => {
    const measure = (): void =>
      setTop(Math.round((of.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, [of]);
  return top;
}
