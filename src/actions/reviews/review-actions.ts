import type { Action } from '../../gateway/action.ts'
import { listReviewsAction } from './list-reviews.ts'
import { reviewOrderAction } from './review-order.ts'

/** Decisions of people about OV and EV orders, for the operator. */
export const reviewActions: readonly Action[] = [listReviewsAction, reviewOrderAction]
