import { type Answer, get } from '../shared/api.ts';
import { dateTime } from '../shared/format.ts';
import { Scroll } from '../shared/scroll.tsx';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';

/** The server counts no more often: CloudWatch charges for it. */
const REFRESH_MS = 3_600_000;

/** What AWS has counted of the deployment since the first of the month, at list prices. */
export function MonthCost() {
  const asked = useAnswer(REFRESH_MS, (signal) => get('MonthCost', '/v1/costs', {}, signal));
  return (
    <div class="group">
      <h3 id="month-cost-title">Cost of this month so far</h3>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && <Bill cost={asked.answer.value} />}
    </div>
  );
}

function Bill({ cost: { usd, since, asOf, items, missing, prices } }: { cost: Answer<'MonthCost'> }) {
  return (
    <>
      <p>
        <strong>{dollars(usd)}</strong> since {since.slice(0, 10)} (UTC), and what is not counted. As of{' '}
        {dateTime(asOf)}.
      </p>
      <p class="quiet">
        At list prices of {prices.region} ({prices.asOf}). docs/costs.md of the package explains each line.
      </p>
      <Scroll labelledBy="month-cost-title">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Counted</th>
              <th scope="col" class="number">
                Quantity
              </th>
              <th scope="col">Price</th>
              <th scope="col" class="number">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.metric}>
                <th scope="row">{item.service}</th>
                <td class="wide" data-column="Counted">
                  {item.counted}
                </td>
                <td class="number" data-column="Quantity">
                  {item.quantity.toLocaleString(undefined, { maximumFractionDigits: 1 })}
                </td>
                <td class="quiet" data-column="Price">
                  US$ {item.price.usd} for{' '}
                  {item.price.per === 1 ? 'a' : `${item.price.per.toLocaleString()} ×`} {item.price.unit}
                </td>
                <td class="number" data-column="Cost">
                  {dollars(item.usd)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p id="missing-title">What is not counted:</p>
      <ul class="missing" aria-labelledby="missing-title">
        {missing.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}

/** In the way of the page's other numbers; a sum below a cent is not nothing. */
function dollars(usd: number): string {
  if (usd > 0 && usd < 0.005) return 'less than US$ 0.01';
  return `US$ ${usd.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
