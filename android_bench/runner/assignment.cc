#include "assignment.h"

#include <limits>
#include <utility>

// Shortest augmenting paths: D. F. Crouse, "On implementing 2D rectangular assignment algorithms",
// IEEE Transactions on Aerospace and Electronic Systems 52(4), 2016. Rows are assigned one after
// another; each may push earlier ones to other columns, along the path of least reduced cost.

namespace {

struct Assignment {
  std::vector<int> column_of, row_of;
  std::vector<double> row_price, column_price;
};

// A search of a free column from one row.
struct Search {
  std::vector<double> cost;  // of the shortest path to each column
  std::vector<int> from;     // the row before that column on it
  std::vector<int> waiting;  // columns that the search has not settled
  std::vector<int> rows, columns;  // that it has
};

Search begin_search(int columns) {
  Search search{std::vector<double>(columns, std::numeric_limits<double>::infinity()),
                std::vector<int>(columns, kNone), {}, {}, {}};
  for (int column = columns; column-- > 0;) search.waiting.push_back(column);
  return search;
}

void relax(Search& search, const Assignment& found, const Matrix& gains, int row, double base) {
  for (const int column : search.waiting) {
    const double cost =
        base - gains.at(row, column) - found.row_price[row] - found.column_price[column];
    if (cost < search.cost[column]) {
      search.cost[column] = cost;
      search.from[column] = row;
    }
  }
}

// The nearest waiting column, a free one among equals. Takes it out of those that wait.
int settle(Search& search, const Assignment& found) {
  size_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < search.waiting.size(); ++i) {
    const int column = search.waiting[i];
    const bool is_free = found.row_of[column] == kNone;
    if (search.cost[column] < least || (search.cost[column] == least && is_free)) {
      nearest = i;
      least = search.cost[column];
    }
  }
  const int column = search.waiting[nearest];
  search.waiting[nearest] = search.waiting.back();
  search.waiting.pop_back();
  search.columns.push_back(column);
  return column;
}

void update_prices(Assignment& found, const Search& search, double least) {
  found.row_price[search.rows[0]] += least;
  for (size_t i = 1; i < search.rows.size(); ++i) {
    const int row = search.rows[i];
    found.row_price[row] += least - search.cost[found.column_of[row]];
  }
  for (const int column : search.columns) {
    found.column_price[column] -= least - search.cost[column];
  }
}

void augment(Assignment& found, const Search& search, int column) {
  int row = kNone;
  do {
    row = search.from[column];
    found.row_of[column] = row;
    std::swap(found.column_of[row], column);
  } while (row != search.rows[0]);
}

void assign_row(Assignment& found, const Matrix& gains, int first) {
  Search search = begin_search(gains.columns);
  double least = 0;
  int column = kNone;
  for (int row = first; row != kNone; row = found.row_of[column]) {
    search.rows.push_back(row);
    relax(search, found, gains, row, least);
    column = settle(search, found);
    least = search.cost[column];
  }
  update_prices(found, search, least);
  augment(found, search, column);
}

Assignment assign_rows(const Matrix& gains) {
  const auto rows = static_cast<size_t>(gains.rows), columns = static_cast<size_t>(gains.columns);
  Assignment found{std::vector<int>(rows, kNone), std::vector<int>(columns, kNone),
                   std::vector<double>(rows), std::vector<double>(columns)};
  for (int row = 0; row < gains.rows; ++row) assign_row(found, gains, row);
  return found;
}

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows);
  for (int row = 0; row < matrix.rows; ++row) {
    for (int column = 0; column < matrix.columns; ++column) {
      result.at(column, row) = matrix.at(row, column);
    }
  }
  return result;
}

}  // namespace

std::vector<int> assign(const Matrix& gains) {
  if (gains.columns < gains.rows) return assign_rows(transposed(gains)).row_of;
  return assign_rows(gains).column_of;
}
